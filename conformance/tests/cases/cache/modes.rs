//! 66 and 67: the mode, as a number and as a type.

use resumption_cache::CacheMode;

use super::support::Bench;

#[test]
fn case_066_modes_have_openssls_values() {
    let named = [
        (0, CacheMode::OFF),
        (1, CacheMode::CLIENT),
        (2, CacheMode::SERVER),
        (3, CacheMode::BOTH),
        (0x80, CacheMode::NO_AUTO_CLEAR),
        (0x100, CacheMode::NO_INTERNAL_LOOKUP),
        (0x200, CacheMode::NO_INTERNAL_STORE),
        (0x300, CacheMode::NO_INTERNAL),
        (0x400, CacheMode::UPDATE_TIME),
    ];
    let bench = Bench::new();
    let mut former = CacheMode::SERVER;
    for (bits, mode) in named {
        assert_eq!((mode.bits(), CacheMode::from_bits(bits)), (bits, Ok(mode)));
        assert_eq!(bench.cache.set_mode(mode), former);
        assert_eq!(bench.cache.mode(), mode);
        former = mode;
    }
}

#[test]
fn case_067_unknown_bits_are_kept_by_the_number_and_refused_by_the_type() {
    let bench = Bench::new();
    assert_eq!(bench.cache.set_mode_word(0xffff), CacheMode::SERVER.bits());
    assert_eq!(bench.cache.mode_word(), 0xffff);
    assert_eq!(bench.cache.set_mode_word(0x2), 0xffff);
    let refused = CacheMode::from_bits(0xffff).unwrap_err();
    assert_eq!(refused.bits(), 0xffff & !0x783);
}
