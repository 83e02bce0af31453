//! Two ends of a connection that is in memory.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::sync::{Arc, Mutex};

type Way = Arc<Mutex<VecDeque<u8>>>;

/// One end. Reading what is not there yet would block.
#[derive(Debug)]
pub(crate) struct End {
    incoming: Way,
    outgoing: Way,
}

pub(crate) fn pair() -> (End, End) {
    let (there, back) = (Way::default(), Way::default());
    let left = End { incoming: Arc::clone(&back), outgoing: Arc::clone(&there) };
    (left, End { incoming: there, outgoing: back })
}

impl End {
    /// Changes what was sent and not read yet; says how often.
    pub(crate) fn tamper(&self, from: &[u8], to: &[u8]) -> usize {
        assert_eq!(from.len(), to.len());
        let mut outgoing = self.outgoing.lock().unwrap();
        let bytes = outgoing.make_contiguous();
        let places: Vec<_> = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(from)).collect();
        for &at in &places {
            bytes[at..at + to.len()].copy_from_slice(to);
        }
        places.len()
    }
}

impl Read for End {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut incoming = self.incoming.lock().unwrap();
        if incoming.is_empty() { Err(ErrorKind::WouldBlock.into()) } else { incoming.read(into) }
    }
}

impl Write for End {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.outgoing.lock().unwrap().write(from)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
