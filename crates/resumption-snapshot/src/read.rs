//! A stream into a cache.

use std::collections::HashMap;
use std::io::{self, Read};

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use resumption_cache::{Context, InsertRefusal, Refusal};
use resumption_sealing::{OpenError, codec};
use resumption_session::{Session, SessionIdContext, Timestamp};

use crate::error::RestoreError;
use crate::format::{HEADER_LEN, Header, LAST, LENGTH_LEN, Length, SESSION};
use crate::report::Restored;
use crate::snapshots::Snapshots;

/// How many records are opened at once, on all of rayon's threads,
const BATCH: usize = 4096;

/// and how many bytes at most, whatever the records say of themselves.
const BATCH_BYTES: usize = 8 << 20;

/// By their bytes.
type Contexts<'c> = HashMap<SessionIdContext, &'c Context>;

/// Records as they lie in the stream.
struct Batch {
    first: u64,
    records: Vec<Vec<u8>>,
    /// What was behind them.
    then: Then,
}

enum Then {
    /// The stream ends or makes no sense any more.
    Cut,
    Last(Vec<u8>),
    More,
}

impl Snapshots {
    /// Reads a snapshot and inserts its sessions into those of `contexts` that they belong to. What is
    /// whole is loaded, and the rest is reported.
    ///
    /// They enter as by [`Context::insert`]: with the times that they had, except under
    /// [`CacheMode::UPDATE_TIME`](resumption_cache::CacheMode::UPDATE_TIME), where every insertion begins
    /// a life anew. The lineage goes on in any case.
    ///
    /// The same bytes must not be read twice: see [`Snapshots::restore`].
    ///
    /// # Errors
    /// [`RestoreError`], and then nothing was loaded; an error of the stream after its beginning counts
    /// as its end.
    /// # Cost
    /// 4096 records at a time, opened and inserted on all of rayon's threads. Remove callbacks of what
    /// is evicted for them run there too.
    pub fn read(
        &self,
        contexts: &[Context],
        mut from: impl Read,
    ) -> Result<Restored, RestoreError> {
        // Without a context there is nobody to give sessions to, and no clock either.
        let Some(context) = contexts.first() else { return Ok(Restored::default()) };
        let header = self.read_header(context, &mut from)?;
        Ok(self.read_records(contexts, header, from))
    }

    /// The beginning of a snapshot that may be read.
    pub(crate) fn read_header(
        &self,
        context: &Context,
        from: &mut impl Read,
    ) -> Result<Header, RestoreError> {
        let mut header = [0; HEADER_LEN];
        from.read_exact(&mut header).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => RestoreError::NotASnapshot,
            _ => error.into(),
        })?;
        let header = Header::parse(header)?;
        self.check_age(header.written_at, context)?;
        Ok(header)
    }

    /// All that is behind the beginning.
    pub(crate) fn read_records(
        &self,
        contexts: &[Context],
        header: Header,
        mut from: impl Read,
    ) -> Restored {
        let contexts = contexts.iter().map(|context| (*context.bytes(), context)).collect();
        let mut restored = Restored::default();
        let mut first = 0;
        loop {
            let batch = read_batch(&mut from, first);
            first += batch.records.len() as u64;
            restored = restored.and(self.load_batch(&contexts, header, batch.first, batch.records));
            match batch.then {
                Then::More => {}
                Then::Cut => return restored,
                Then::Last(sealed) => {
                    restored.complete = self.is_end(header, first, sealed);
                    return restored;
                }
            }
        }
    }

    fn check_age(&self, written_at: Timestamp, context: &Context) -> Result<(), RestoreError> {
        let now = context.now();
        let over = now > written_at.saturating_add(self.longest_pause);
        let not_yet = context.timeouts().is_future(written_at, now);
        if over || not_yet { Err(RestoreError::TooOld) } else { Ok(()) }
    }

    /// Whether `sealed` is the end of so many records: its place is behind them.
    fn is_end(&self, header: Header, records: u64, sealed: Vec<u8>) -> bool {
        self.ring.open(LAST, &self.place(header, records), sealed).is_ok()
    }

    fn load_batch(
        &self,
        contexts: &Contexts<'_>,
        header: Header,
        first: u64,
        records: Vec<Vec<u8>>,
    ) -> Restored {
        records
            .into_par_iter()
            .enumerate()
            .map(|(at, sealed)| {
                let place = self.place(header, first + at as u64);
                match self.ring.open(SESSION, &place, sealed) {
                    Ok(encoded) => match codec::decode(encoded.expose()) {
                        Ok(session) => insert(contexts, session),
                        Err(_) => one(|restored| &mut restored.unknown_format),
                    },
                    Err(OpenError::UnknownKey(_)) => one(|restored| &mut restored.unknown_key),
                    Err(OpenError::UnknownFormat(_)) => {
                        one(|restored| &mut restored.unknown_format)
                    }
                    Err(_) => one(|restored| &mut restored.damaged),
                }
            })
            .reduce(Restored::default, Restored::and)
    }
}

/// A report of one record.
fn one(of: impl FnOnce(&mut Restored) -> &mut u64) -> Restored {
    let mut restored = Restored::default();
    *of(&mut restored) = 1;
    restored
}

fn insert(contexts: &Contexts<'_>, session: Session) -> Restored {
    let Some(context) = contexts.get(session.context()) else {
        return one(|restored| &mut restored.unknown_context);
    };
    match context.insert(session).map_err(|error| error.why()) {
        Ok(_) => one(|restored| &mut restored.loaded),
        Err(InsertRefusal::Refused(Refusal::AlreadyExpired)) => {
            one(|restored| &mut restored.expired)
        }
        Err(_) => one(|restored| &mut restored.refused),
    }
}

/// The next records, until there are enough, or no more.
fn read_batch(from: &mut impl Read, first: u64) -> Batch {
    let mut records = Vec::new();
    let mut bytes = 0;
    while records.len() < BATCH && bytes < BATCH_BYTES {
        match read_record(from) {
            Ok(Some((Length::Session(length), record))) => {
                bytes += length;
                records.push(record);
            }
            Ok(Some((Length::Last(_), record))) => {
                return Batch { first, records, then: Then::Last(record) };
            }
            Ok(None) | Err(_) => return Batch { first, records, then: Then::Cut },
        }
    }
    Batch { first, records, then: Then::More }
}

/// One record; `None` if its length is none.
fn read_record(from: &mut impl Read) -> io::Result<Option<(Length, Vec<u8>)>> {
    let mut length = [0; LENGTH_LEN];
    from.read_exact(&mut length)?;
    let Some(length) = Length::parse(length) else { return Ok(None) };
    let (Length::Last(bytes) | Length::Session(bytes)) = length;
    let mut record = vec![0; bytes];
    from.read_exact(&mut record)?;
    Ok(Some((length, record)))
}
