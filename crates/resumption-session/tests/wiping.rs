//! Secrets are gone from memory when they are freed.
//!
//! One test in a process of its own: nothing else allocates between the freeing and the look. The
//! look is at freed memory, which no reference may point to; the kernel lends it as a file.
#![cfg(all(target_os = "linux", not(miri)))]

use std::fs::File;
use std::os::unix::fs::FileExt;

use resumption_session::SecretBytes;

const LEN: usize = 1000;
const SECRET: u8 = 0x5e;
/// What [`left_at`] says of a whole secret.
const ALL: usize = LEN - 7;

/// In how many places from `address` on eight bytes of the secret follow one another.
///
/// One alone proves nothing: the allocator's own notes in freed memory are partly random.
fn left_at(memory: &File, address: u64) -> usize {
    let mut seen = [0; LEN];
    memory.read_exact_at(&mut seen, address).expect("the heap does not shrink by so little");
    seen.windows(8).filter(|bytes| **bytes == [SECRET; 8]).count()
}

/// A secret of half the length, and its former longer self in the spare capacity.
fn secret() -> (Vec<u8>, u64) {
    let mut bytes = vec![SECRET; LEN];
    bytes.truncate(LEN / 2);
    let address = bytes.as_ptr().addr() as u64;
    (bytes, address)
}

#[test]
fn a_freed_secret_is_gone_and_a_freed_vector_is_not() {
    let memory = File::open("/proc/self/mem").expect("Linux");

    let (bytes, address) = secret();
    assert_eq!(left_at(&memory, address), ALL);
    drop(bytes);
    // The control. The allocator keeps its own notes in the first few bytes.
    assert!(left_at(&memory, address) > ALL - 64, "the look would not see a secret");

    let (bytes, address) = secret();
    let secret = SecretBytes::new(bytes);
    assert_eq!(left_at(&memory, address), ALL);
    drop(secret);
    assert_eq!(left_at(&memory, address), 0);
}
