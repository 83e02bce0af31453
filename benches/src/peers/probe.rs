//! The physical limit: two reads of which the second needs the first, and nothing synchronised.
//!
//! A table of 16-byte slots, and a session's id, expiry and payload side by side. Nothing can be
//! changed once it is filled, so it takes part where sessions are only read.

use super::{Able, Life, NOW, Peer};
use crate::ids::Id;

/// A cache line.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Line([u8; 64]);

/// Where a session lies, and enough of its id to know it by.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    tag: u64,
    /// The session's number, counted from 1; 0 where there is none.
    number: u64,
}

#[derive(Debug)]
pub(crate) struct Probe {
    /// A power of two, at least twice the sessions.
    slots: Vec<Slot>,
    /// `lines_each` for each session: the id, its expiry, its payload.
    lines: Vec<Line>,
    lines_each: usize,
    /// Where the payload's last byte lies in the last of its lines.
    last: usize,
}

/// The first 8 bytes of an id are as random as any hash of it.
fn tag(id: &Id) -> u64 {
    u64::from_ne_bytes([id[0], id[1], id[2], id[3], id[4], id[5], id[6], id[7]])
}

/// A session in one piece, as it is laid over lines.
fn record(id: &Id, payload: &[u8], life: Life) -> Vec<u8> {
    [id.as_slice(), &life.end().to_ne_bytes(), payload].concat()
}

impl Probe {
    #[allow(clippy::cast_possible_truncation, reason = "masked to the table's size")]
    fn place(&self, tag: u64) -> usize {
        tag as usize & (self.slots.len() - 1)
    }

    fn put(&mut self, id: &Id, payload: &[u8], life: Life) {
        let record = record(id, payload, life);
        for part in record.chunks(64) {
            let mut line = Line([0; 64]);
            line.0[..part.len()].copy_from_slice(part);
            self.lines.push(line);
        }
        let tag = tag(id);
        let mut place = self.place(tag);
        while self.slots[place].number != 0 {
            place = (place + 1) & (self.slots.len() - 1);
        }
        self.slots[place] = Slot { tag, number: (self.lines.len() / self.lines_each) as u64 };
    }
}

impl Peer for Probe {
    const NAME: &'static str = "bare probe";
    const NOTE: &'static str = "the limit: two dependent reads, nothing synchronised, read only";
    const ABLE: Able = Able { evict: false, flush: false, write: false, ..Able::CACHE };

    type Local = ();

    fn with_capacity(capacity: usize) -> Self {
        let slots = vec![Slot::default(); (2 * capacity).next_power_of_two()];
        Self { slots, lines: Vec::new(), lines_each: 1, last: 0 }
    }

    fn filled(capacity: usize, ids: &[Id], payload: &[u8], life: impl Fn(usize) -> Life) -> Self {
        let mut probe = Self::with_capacity(capacity);
        let length = 40 + payload.len();
        probe.lines_each = length.div_ceil(64);
        probe.last = (length - 1) % 64;
        probe.lines.reserve_exact(probe.lines_each * ids.len());
        for (index, id) in ids.iter().enumerate() {
            probe.put(id, payload, life(index));
        }
        probe
    }

    fn local(&self) {}

    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "a number that was an index")]
    fn get(&self, (): &mut (), id: &Id) -> Option<u64> {
        let tag = tag(id);
        let mut place = self.place(tag);
        loop {
            let slot = self.slots[place];
            if slot.number == 0 {
                return None;
            }
            if slot.tag == tag {
                let first = (slot.number as usize - 1) * self.lines_each;
                let lines = &self.lines[first..first + self.lines_each];
                let head = &lines[0].0;
                let expires = head[32..40].try_into().map_or(0, u64::from_ne_bytes);
                if head[..32] == *id && expires >= NOW {
                    let last = lines[self.lines_each - 1].0[self.last];
                    return Some(u64::from(head[40]) << 8 | u64::from(last));
                }
            }
            place = (place + 1) & (self.slots.len() - 1);
        }
    }

    fn insert(&self, (): &mut (), _id: &Id, _payload: &[u8], _life: Life) -> bool {
        false
    }

    fn take(&self, (): &mut (), _id: &Id) -> Option<u64> {
        None
    }
}
