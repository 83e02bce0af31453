//! The four things that the store is asked, and how their answers read.

use std::fmt::Write;
use std::time::Duration;

use redis::{Cmd, Value, cmd};
use resumption_callbacks::{Overwrite, StoreKey};

/// A request about one key.
pub(crate) struct Command<T> {
    pub(crate) key: String,
    pub(crate) packed: Cmd,
    /// The answer in a reply; or the reply, if it answers something else.
    pub(crate) read: fn(Value) -> Result<T, Value>,
    pub(crate) again: Again,
}

/// What doing a request twice does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Again {
    /// The same as once.
    Harmless,
    /// Something else: it is not repeated if the first may have been done.
    Wrong,
}

/// How a session is called in the store.
pub(crate) fn key_of(prefix: &str, key: &StoreKey) -> String {
    let mut text = String::with_capacity(prefix.len() + 2 * StoreKey::LEN);
    text.push_str(prefix);
    for byte in key.as_bytes() {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

pub(crate) fn put(
    key: String,
    value: &[u8],
    time_to_live: Duration,
    overwrite: Overwrite,
) -> Command<bool> {
    let milliseconds = u64::try_from(time_to_live.as_millis()).unwrap_or(u64::MAX);
    let mut packed = cmd("SET");
    packed.arg(&key).arg(value).arg("PX").arg(milliseconds);
    if overwrite == Overwrite::Refused {
        packed.arg("NX");
    }
    // Another server may have taken it in between, and the second would bring it back.
    Command { key, packed, read: stored, again: Again::Wrong }
}

pub(crate) fn get(key: String) -> Command<Option<Vec<u8>>> {
    let packed = one("GET", &key);
    Command { key, packed, read: value, again: Again::Harmless }
}

pub(crate) fn take(key: String) -> Command<Option<Vec<u8>>> {
    let packed = one("GETDEL", &key);
    Command { key, packed, read: value, again: Again::Wrong }
}

pub(crate) fn remove(key: String) -> Command<bool> {
    let packed = one("DEL", &key);
    Command { key, packed, read: removed, again: Again::Harmless }
}

fn one(name: &str, key: &str) -> Cmd {
    let mut packed = cmd(name);
    packed.arg(key);
    packed
}

fn stored(reply: Value) -> Result<bool, Value> {
    match reply {
        Value::Okay => Ok(true),
        Value::Nil => Ok(false),
        other => Err(other),
    }
}

fn value(reply: Value) -> Result<Option<Vec<u8>>, Value> {
    match reply {
        Value::BulkString(bytes) => Ok(Some(bytes)),
        Value::Nil => Ok(None),
        other => Err(other),
    }
}

fn removed(reply: Value) -> Result<bool, Value> {
    match reply {
        Value::Int(0) => Ok(false),
        Value::Int(1) => Ok(true),
        other => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent<T>(command: &Command<T>) -> String {
        let packed = String::from_utf8(command.packed.get_packed_command()).expect("text");
        packed.lines().skip(2).step_by(2).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn commands_are_those_of_the_documentation() {
        let key = || key_of("p:", &StoreKey::new([0xAB; 32]));
        let hex = format!("p:{}", "ab".repeat(32));
        let hour = Duration::from_secs(3600);
        let allowed = put(key(), b"v", hour, Overwrite::Allowed);
        assert_eq!(sent(&allowed), format!("SET {hex} v PX 3600000"));
        let refused = put(key(), b"v", hour, Overwrite::Refused);
        assert_eq!(sent(&refused), format!("SET {hex} v PX 3600000 NX"));
        assert_eq!(sent(&get(key())), format!("GET {hex}"));
        assert_eq!(sent(&take(key())), format!("GETDEL {hex}"));
        assert_eq!(sent(&remove(key())), format!("DEL {hex}"));
    }

    #[test]
    fn what_may_have_been_done_is_repeated_only_where_that_is_harmless() {
        let key = || key_of("", &StoreKey::new([1; 32]));
        let second = Duration::from_secs(1);
        assert_eq!(take(key()).again, Again::Wrong);
        assert_eq!(put(key(), b"", second, Overwrite::Refused).again, Again::Wrong);
        assert_eq!(put(key(), b"", second, Overwrite::Allowed).again, Again::Wrong);
        assert_eq!(get(key()).again, Again::Harmless);
        assert_eq!(remove(key()).again, Again::Harmless);
    }

    #[test]
    fn answers_to_other_questions_are_no_answers() {
        assert_eq!(stored(Value::Int(1)), Err(Value::Int(1)));
        assert_eq!(value(Value::Okay), Err(Value::Okay));
        assert_eq!(removed(Value::Int(2)), Err(Value::Int(2)));
        assert_eq!(removed(Value::Nil), Err(Value::Nil));
    }
}
