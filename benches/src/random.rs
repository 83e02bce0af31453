//! Seeded randomness, cheap enough to stand inside a timed loop.

/// `SplitMix64` (Steele, Lea, Flood 2014): one addition and two multiplications a number.
///
/// Not for secrets: the sessions measured here are made up.
#[derive(Clone, Debug)]
pub(crate) struct Random {
    state: u64,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, without a division. The bias is `bound` in 2^64.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.below_after(bound, 0)
    }

    /// The same, but what comes out depends on `value`, which has to be known first.
    #[allow(clippy::cast_possible_truncation, reason = "the product's upper half is below bound")]
    pub(crate) fn below_after(&mut self, bound: usize, value: u64) -> usize {
        let bits = self.bits().wrapping_add(value.rotate_right(16));
        ((u128::from(bits) * bound as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_published_generator() {
        let mut random = Random::new(1_234_567);
        let numbers: Vec<_> = (0..3).map(|_| random.bits()).collect();
        assert_eq!(
            numbers,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn below_stays_below_and_reaches_every_number() {
        let mut random = Random::new(7);
        let mut seen = [false; 5];
        for _ in 0..200 {
            seen[random.below(5)] = true;
        }
        assert_eq!(seen, [true; 5]);
    }
}
