//! Replies are measured before anything keeps them.
//!
//! The protocol's parser holds a reply in memory until it is complete, however long its sender says that
//! it is going to be. A store that is broken or hostile could have the process grow without end; so what
//! comes off the connection is walked through first, byte by byte and keeping none.

/// How long replies may be, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// One string: a sealed session.
    pub(crate) value: usize,
    /// A reply with all that is nested in it: the answers of Sentinel and Cluster about themselves.
    pub(crate) reply: usize,
}

/// Why a connection cannot be read any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReplyFault {
    NotTheProtocol,
    TooLarge,
}

/// Lines that are text: states and errors.
const LONGEST_TEXT: usize = 4096;

/// Lines that are a number, without their type and end.
const LONGEST_NUMBER: usize = 20;

/// Arrays in arrays. CLUSTER SLOTS has four levels.
const DEEPEST: usize = 8;

/// Follows RESP2 through chunks of any size.
#[derive(Debug)]
pub(crate) struct Walker {
    limits: Limits,
    place: Place,
    /// For each array that has begun: how many of its elements are still to come.
    open: Vec<usize>,
    /// Bytes of the current reply so far.
    spent: usize,
}

#[derive(Debug)]
enum Place {
    /// At a reply's first byte.
    Start,
    /// In a line of text that is this long so far.
    Text { length: usize, ending: bool },
    /// In a line that is a number: a string's length, an array's, or an integer.
    Number { kind: u8, digits: Vec<u8> },
    /// After a number's carriage return.
    NumberEnd { kind: u8, number: i64 },
    /// In a string, with this much to come, its line end included.
    String { left: usize },
}

impl Walker {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, place: Place::Start, open: Vec::new(), spent: 0 }
    }

    /// Goes on through `bytes`.
    pub(crate) fn walk(&mut self, mut bytes: &[u8]) -> Result<(), ReplyFault> {
        while let Some((&byte, rest)) = bytes.split_first() {
            if let Place::String { left } = &mut self.place {
                let step = (*left).min(bytes.len());
                *left -= step;
                bytes = &bytes[step..];
                let ended = *left == 0;
                self.spend(step)?;
                if ended {
                    self.end_item();
                }
            } else {
                bytes = rest;
                self.spend(1)?;
                self.step(byte)?;
            }
        }
        Ok(())
    }

    fn spend(&mut self, bytes: usize) -> Result<(), ReplyFault> {
        self.spent += bytes;
        if self.spent > self.limits.reply { Err(ReplyFault::TooLarge) } else { Ok(()) }
    }

    fn step(&mut self, byte: u8) -> Result<(), ReplyFault> {
        match (&mut self.place, byte) {
            (Place::Start, b'+' | b'-') => {
                self.place = Place::Text { length: 0, ending: false };
            }
            (Place::Start, b':' | b'$' | b'*') => {
                self.place = Place::Number { kind: byte, digits: Vec::new() };
            }
            (Place::Text { ending, .. }, b'\r') if !*ending => *ending = true,
            (Place::Text { ending: true, .. }, b'\n') => self.end_item(),
            (Place::Text { length, ending: false }, _) if *length < LONGEST_TEXT => *length += 1,
            (Place::Text { ending: false, .. }, _) => return Err(ReplyFault::TooLarge),
            (Place::Number { kind, digits }, b'\r') => {
                let number = std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok());
                let number = number.ok_or(ReplyFault::NotTheProtocol)?;
                self.place = Place::NumberEnd { kind: *kind, number };
            }
            (Place::Number { digits, .. }, b'-' | b'0'..=b'9') if digits.len() < LONGEST_NUMBER => {
                digits.push(byte);
            }
            (&mut Place::NumberEnd { kind, number }, b'\n') => self.begin(kind, number)?,
            _ => return Err(ReplyFault::NotTheProtocol),
        }
        Ok(())
    }

    /// After the line that says what comes.
    fn begin(&mut self, kind: u8, number: i64) -> Result<(), ReplyFault> {
        let length = match (kind, number) {
            (b':', _) | (_, -1) | (b'*', 0) => {
                self.end_item();
                return Ok(());
            }
            _ => usize::try_from(number).map_err(|_| ReplyFault::NotTheProtocol)?,
        };
        let most = if kind == b'$' { self.limits.value } else { self.limits.reply };
        if length > most || self.open.len() == DEEPEST {
            return Err(ReplyFault::TooLarge);
        }
        if kind == b'$' {
            self.place = Place::String { left: length + 2 };
        } else {
            self.open.push(length);
            self.place = Place::Start;
        }
        Ok(())
    }

    /// An item is complete, and with it each array of which it was the last.
    fn end_item(&mut self) {
        self.place = Place::Start;
        while let Some(left) = self.open.last_mut() {
            *left -= 1;
            if *left > 0 {
                return;
            }
            self.open.pop();
        }
        self.spent = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: Limits = Limits { value: 100, reply: 1000 };

    fn walk(bytes: &[u8]) -> Result<(), ReplyFault> {
        Walker::new(LIMITS).walk(bytes)
    }

    #[test]
    fn replies_of_redis_pass() {
        let replies: [&[u8]; 8] = [
            b"+OK\r\n",
            b"-MOVED 3999 127.0.0.1:6381\r\n",
            b":1\r\n",
            b"$-1\r\n",
            b"$0\r\n\r\n",
            b"$5\r\na\r\nbc\r\n",
            b"*-1\r\n*0\r\n",
            b"*2\r\n*2\r\n:1\r\n$1\r\nx\r\n*1\r\n+PONG\r\n",
        ];
        let mut walker = Walker::new(LIMITS);
        for reply in replies {
            assert_eq!(walker.walk(reply), Ok(()));
            assert!(walker.open.is_empty() && walker.spent == 0, "{walker:?}");
        }
    }

    #[test]
    fn what_is_too_large_is_refused_when_it_is_announced() {
        assert_eq!(walk(b"$100\r\n"), Ok(()));
        assert_eq!(walk(b"$101\r\n"), Err(ReplyFault::TooLarge));
        assert_eq!(walk(b"$9223372036854775807\r\n"), Err(ReplyFault::TooLarge));
        assert_eq!(walk(b"*1001\r\n"), Err(ReplyFault::TooLarge));
        assert_eq!(walk(&b"*1\r\n".repeat(DEEPEST + 1)), Err(ReplyFault::TooLarge));
        assert_eq!(walk(&[b"+".as_slice(), &[b'x'; 2000]].concat()), Err(ReplyFault::TooLarge));
    }

    #[test]
    fn many_small_things_are_too_large_together() {
        let long = [b"*400\r\n".as_slice(), &b":1\r\n".repeat(400)].concat();
        assert_eq!(walk(&long), Err(ReplyFault::TooLarge));
        assert_eq!(walk(&b":1\r\n".repeat(400)), Ok(()), "400 replies");
    }

    #[test]
    fn what_is_not_the_protocol_is_refused() {
        for bytes in [
            b"HTTP/1.1 400 Bad Request\r\n".as_slice(),
            b"\x15\x03\x03\x00\x02",
            b"$x\r\n",
            b"$-2\r\n",
            b"$1\n",
            b":\r\n",
            b"$000000000000000000000",
            b"%1\r\n",
        ] {
            assert_eq!(walk(bytes), Err(ReplyFault::NotTheProtocol), "{bytes:?}");
        }
    }

    proptest! {
        /// However the bytes are cut, the verdict is the same; and no bytes make it panic.
        #[test]
        fn chunks_do_not_matter(
            bytes in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..200),
                prop::collection::vec(prop::sample::select(b"+-:$*019\r\nx".to_vec()), 0..200),
            ],
            size in 1..20_usize,
        ) {
            let mut walker = Walker::new(LIMITS);
            let cut = bytes.chunks(size).try_for_each(|chunk| walker.walk(chunk));
            prop_assert_eq!(cut, walk(&bytes));
        }
    }
}
