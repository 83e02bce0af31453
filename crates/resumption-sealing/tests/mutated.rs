//! A million sealed sessions, each altered somehow: none opens, none panics.

use resumption_sealing::{Codec, KeyRing, MasterKey, Namespace, Sealer};
use resumption_session::{Lifetime, SecretBytes, Session, SessionId, SessionIdContext, Timestamp};

/// Fewer without optimisation, where each takes ten times as long.
const MUTATIONS: u32 = if cfg!(debug_assertions) { 30_000 } else { 1_000_000 };

/// `SplitMix64`: random enough to alter bytes, and the same in every run.
struct Random(u64);

impl Random {
    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.number() % u64::try_from(bound.max(1)).expect("fits")).expect("fits")
    }
}

/// One of the things that go wrong with bytes in a store.
fn alter(bytes: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(bytes.len());
    let byte = random.number().to_le_bytes()[0];
    match random.below(7) {
        _ if bytes.is_empty() => bytes.push(byte),
        0 | 1 => bytes[at] ^= 1 << random.below(8),
        2 => bytes[at] = byte,
        3 => bytes.truncate(at),
        4 => bytes.insert(at, byte),
        5 => bytes.extend((0..=random.below(64)).map(|_| byte)),
        _ => {
            let other = random.below(bytes.len());
            bytes.swap(at, other);
        }
    }
}

#[test]
fn no_altered_session_opens() {
    let ring =
        KeyRing::new(&[MasterKey::new([1; 32])], &[MasterKey::new([2; 32])]).expect("a ring");
    let namespace = Namespace::new("mutated").expect("a namespace");
    let sealer = Sealer::new(ring, namespace, Codec::OPENSSL_DER);
    let now = Timestamp::from_unix_secs(1);
    let (id, context) = (SessionId::from([3; 32]), SessionIdContext::EMPTY);
    let payload = SecretBytes::new((0..150).collect());
    let session = Session::new(id, context, now, Lifetime::from_secs(60), payload);
    let (name, sealed) = sealer.seal(session.view(), Lifetime::NEVER, now).expect("seals");

    let mut random = Random(5);
    let mut refused = std::collections::BTreeMap::<_, u32>::new();
    let mut tried = 0;
    while tried < MUTATIONS {
        let mut bytes = sealed.bytes().to_vec();
        for _ in 0..=random.below(3) {
            alter(&mut bytes, &mut random);
        }
        if bytes == sealed.bytes() {
            // Altered and altered back, or two equal bytes swapped.
            continue;
        }
        tried += 1;
        match sealer.open(&name, &context, &id, bytes, now) {
            Ok(_) => panic!("mutation {tried} was accepted"),
            Err(error) => *refused.entry(error.as_str()).or_default() += 1,
        }
    }
    println!("{tried} mutations refused: {refused:?}");
    for cause in ["forged", "moved", "not_a_seal", "truncated", "unknown_format", "unknown_key"] {
        assert!(refused.contains_key(cause), "no mutation led to {cause}");
    }
    assert!(sealer.open(&name, &context, &id, sealed.into_bytes(), now).is_ok());
}
