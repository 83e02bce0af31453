//! Seeded randomness, and what to break with it.

/// Xorshift: small, seeded, good enough to break things with.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }
}

/// One to four changes: bits, bytes, lengths, pieces lost, doubled or moved.
pub(crate) fn break_it(flight: &mut Vec<u8>, random: &mut Random) {
    for _change in 0..=random.below(4) {
        if flight.is_empty() {
            return;
        }
        let at = random.below(flight.len());
        let end = (at + 1 + random.below(40)).min(flight.len());
        match random.below(6) {
            0 => flight[at] ^= 1 << random.below(8),
            1 => flight[at] = random.next().to_le_bytes()[0],
            2 => flight[at] = [0, 1, 0x7f, 0xff][random.below(4)],
            3 => drop(flight.drain(at..end)),
            4 => {
                let piece = flight[at..end].to_vec();
                let to = random.below(flight.len());
                flight.splice(to..to, piece);
            }
            _ => flight.truncate(at),
        }
    }
}
