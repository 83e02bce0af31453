//! Session ids: 32 random bytes, as the TLS stacks make them.

use crate::random::Random;

/// A session id as TLS servers choose it.
pub(crate) type Id = [u8; 32];

/// A fresh id; 256 random bits never repeat within a run.
pub(crate) fn fresh(random: &mut Random) -> Id {
    let mut id = [0; 32];
    for chunk in id.chunks_exact_mut(8) {
        chunk.copy_from_slice(&random.bits().to_ne_bytes());
    }
    id
}

/// `count` fresh ids.
pub(crate) fn population(count: usize, random: &mut Random) -> Vec<Id> {
    (0..count).map(|_| fresh(random)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_ids() {
        let twice = [0; 2].map(|_| population(10, &mut Random::new(3)));
        assert_eq!(twice[0], twice[1]);
        assert_ne!(twice[0][0], twice[0][1]);
    }
}
