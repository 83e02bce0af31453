//! A cache into a stream.

use std::io::{self, Write};

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use resumption_cache::{SessionCache, SessionRef};
use resumption_sealing::{SealError, codec};
use resumption_session::SecretBytes;

use crate::error::SnapshotError;
use crate::format::{Header, LAST, Length, SESSION};
use crate::report::Drained;
use crate::snapshots::Snapshots;

/// How many sessions are sealed at once, on all of rayon's threads, before they are written.
const BATCH: usize = 4096;

impl Snapshots {
    /// Writes the sessions of `cache` that could be resumed now. Nothing is taken from the cache: see
    /// [`Snapshots::drain`] for what that means for single-use sessions.
    ///
    /// # Errors
    /// [`SnapshotError`].
    /// # Cost
    /// Sessions are sealed 4096 at a time on all of rayon's threads, and written by the calling one. No
    /// more than that is in memory twice.
    pub fn write(
        &self,
        cache: &SessionCache,
        mut out: impl Write,
    ) -> Result<Drained, SnapshotError> {
        let header = Header { written_at: cache.now() };
        let start = header.to_bytes();
        out.write_all(&start)?;
        let mut drained = Drained { bytes: start.len() as u64, ..Drained::default() };
        let mut sessions = cache.sessions();
        loop {
            let batch: Vec<_> = sessions.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                break;
            }
            self.write_batch(&batch, header, &mut drained, &mut out)?;
        }
        let nothing = SecretBytes::default();
        let last = self.ring.seal(LAST, &self.place(header, drained.sessions), &nothing);
        let last = last.map_err(|_| SnapshotError::Random)?;
        drained.bytes += write_record(&mut out, Length::Last(last.len()), &last)?;
        out.flush()?;
        Ok(drained)
    }

    fn write_batch(
        &self,
        batch: &[SessionRef<'_>],
        header: Header,
        drained: &mut Drained,
        out: &mut impl Write,
    ) -> Result<(), SnapshotError> {
        // Encoded first, since what has no encoding has no number.
        let encoded: Vec<_> =
            batch.par_iter().filter_map(|session| codec::encode(&session.view()).ok()).collect();
        drained.left_out += (batch.len() - encoded.len()) as u64;
        let first = drained.sessions;
        let sealed: Result<Vec<_>, SealError> = encoded
            .par_iter()
            .enumerate()
            .map(|(at, session)| {
                self.ring.seal(SESSION, &self.place(header, first + at as u64), session)
            })
            .collect();
        for record in sealed.map_err(|_| SnapshotError::Random)? {
            drained.bytes += write_record(out, Length::Session(record.len()), &record)?;
            drained.sessions += 1;
        }
        Ok(())
    }
}

fn write_record(out: &mut impl Write, length: Length, record: &[u8]) -> io::Result<u64> {
    // Always there: a sealed session is far shorter.
    let length = length.to_bytes().ok_or(io::ErrorKind::InvalidData)?;
    out.write_all(&length)?;
    out.write_all(record)?;
    Ok((length.len() + record.len()) as u64)
}
