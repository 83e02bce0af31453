//! Properties of key rings:
//! * keys come from text in hexadecimal or base64, from files that others cannot read, from variables;
//! * what is wrong is said with its line, and never with the text.

use std::fs;
use std::path::PathBuf;

use resumption_sealing::{KeyRing, KeyRingError, LineFault, MasterKey};

const HEX: &str = "b6c3f0a91d1d6bd1aef4c6a3d3c58e57ad8a2a8e4f9e4f4f3c1d5c0b7a690123";
const OTHER: &str = "1f0e2d3c4b5a69788796a5b4c3d2e1f00123456789abcdeffedcba9876543210";
const THIRD: &str = "3f0e2d3c4b5a69788796a5b4c3d2e1f00123456789abcdeffedcba9876543210";
/// [`HEX`] in base64, by coreutils.
const BASE64: &str = "tsPwqR0da9Gu9Maj08WOV62KKo5Pnk9PPB1cC3ppASM=";

fn line(text: &str) -> LineFault {
    match KeyRing::parse(text) {
        Err(KeyRingError::Line { number: 2, why }) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn keys_are_hexadecimal_or_base64_and_the_first_seals() {
    let ring = KeyRing::parse(&format!(
        "# comment, with commas\n\n  seal {HEX} # newest\r\nseal {OTHER}\n\tnames\t{THIRD}\n"
    ))
    .expect("a ring");
    let ids: Vec<_> = ring.key_ids().collect();
    assert_eq!(ids.len(), 2);
    let unpadded = BASE64.trim_end_matches('=');
    for same in [HEX.to_uppercase(), BASE64.to_owned(), unpadded.to_owned()] {
        let ring = KeyRing::parse(&format!("names {THIRD},seal {same},seal {OTHER}"));
        assert_eq!(ring.expect("a ring").key_ids().collect::<Vec<_>>(), ids);
    }
}

#[test]
fn what_is_no_key_is_said_with_its_line() {
    let after = |text: &str| line(&format!("# first\n{text}"));
    assert_eq!(after(HEX), LineFault::NotAKey);
    assert_eq!(after("seal"), LineFault::NotAKey);
    assert_eq!(after(&format!("seal {HEX} {OTHER}")), LineFault::NotAKey);
    assert_eq!(after(&format!("open {HEX}")), LineFault::NotAKey);
    assert_eq!(after(&format!("seal {}", &HEX[1..])), LineFault::NotThirtyTwoBytes);
    assert_eq!(after(&format!("seal g{}", &HEX[1..])), LineFault::NotThirtyTwoBytes);
    assert_eq!(after(&format!("seal {}", &BASE64[4..])), LineFault::NotThirtyTwoBytes);
    assert_eq!(after(&format!("seal {BASE64}{BASE64}")), LineFault::NotThirtyTwoBytes);
    assert_eq!(after(&format!("seal {}é", &HEX[2..])), LineFault::NotThirtyTwoBytes);
    assert_eq!(after(&format!("seal {}", "00".repeat(32))), LineFault::Placeholder);
    let error = KeyRing::parse(&format!("seal {}", &HEX[1..])).expect_err("too short");
    assert!(!error.to_string().contains(&HEX[1..9]) && !format!("{error:?}").contains(&HEX[1..9]));
}

#[test]
fn a_ring_has_both_kinds_of_keys_and_each_once() {
    let parse = |text: String| KeyRing::parse(&text).map(drop);
    assert_eq!(parse(String::new()), Err(KeyRingError::NoSealingKey));
    assert_eq!(parse(format!("names {HEX}")), Err(KeyRingError::NoSealingKey));
    assert_eq!(parse(format!("seal {HEX}")), Err(KeyRingError::NoNamesKey));
    assert_eq!(parse(format!("seal {HEX}\nnames {HEX}")), Err(KeyRingError::Repeated));
    let twice = format!("seal {HEX}\nseal {BASE64}\nnames {OTHER}");
    assert_eq!(parse(twice), Err(KeyRingError::Repeated));
    assert_eq!(parse("#".repeat((1 << 16) + 1)), Err(KeyRingError::NotText));

    let keys = |first: u8, count: u8| -> Vec<MasterKey> {
        (first..first + count).map(|byte| MasterKey::new([byte; 32])).collect()
    };
    let ring = |sealing, names| KeyRing::new(&keys(1, sealing), &keys(100, names)).map(drop);
    assert_eq!(ring(16, 2), Ok(()));
    assert_eq!(ring(17, 2), Err(KeyRingError::TooMany));
    assert_eq!(ring(16, 3), Err(KeyRingError::TooMany));
}

/// A file of the test's own, removed with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, text: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("resumption-keys-{}-{name}", std::process::id()));
        fs::write(&path, text).expect("the temporary folder can be written");
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;

    let file = Scratch::new("mode", &format!("seal {HEX}\nnames {OTHER}\n"));
    let read = |mode| {
        fs::set_permissions(&file.0, fs::Permissions::from_mode(mode)).expect("ours");
        KeyRing::from_file(&file.0).map(drop)
    };
    for fine in [0o600, 0o400, 0o640, 0o440, 0o700] {
        assert_eq!(read(fine), Ok(()), "{fine:o}");
    }
    for mode in [0o644, 0o604, 0o660, 0o620, 0o602, 0o601, 0o666] {
        let refused = read(mode);
        assert_eq!(refused, Err(KeyRingError::Exposed { mode }));
        assert!(refused.expect_err("exposed").to_string().contains(&format!("{mode:o}")));
    }
}

#[cfg(unix)]
#[test]
fn files_that_are_none_and_texts_that_are_none_are_refused() {
    let folder = std::env::temp_dir();
    assert_eq!(KeyRing::from_file(&folder).map(drop), Err(KeyRingError::NotAFile));
    assert_eq!(KeyRing::from_file("/dev/null").map(drop), Err(KeyRingError::NotAFile));
    let missing = KeyRing::from_file(folder.join("resumption-keys-missing"));
    assert_eq!(missing.map(drop), Err(KeyRingError::Unreadable(std::io::ErrorKind::NotFound)));

    let write = |name, bytes: &[u8]| {
        use std::os::unix::fs::PermissionsExt;
        let file = Scratch::new(name, "");
        fs::set_permissions(&file.0, fs::Permissions::from_mode(0o600)).expect("ours");
        fs::write(&file.0, bytes).expect("ours");
        KeyRing::from_file(&file.0).map(drop)
    };
    assert_eq!(write("binary", &[0xff; 64]), Err(KeyRingError::NotText));
    assert_eq!(write("long", &vec![b'#'; (1 << 16) + 1]), Err(KeyRingError::NotText));
}

#[test]
fn a_variable_that_is_not_there_is_said() {
    let missing = KeyRing::from_env("RESUMPTION_KEYS_THAT_NOBODY_SETS");
    assert_eq!(missing.map(drop), Err(KeyRingError::NotInEnvironment));
    // Set by whoever runs the tests, and of no use as keys.
    assert!(matches!(KeyRing::from_env("PATH"), Err(KeyRingError::Line { number: 1, .. })));
}
