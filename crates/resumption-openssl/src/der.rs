//! As much of DER as it takes to tell whether some bytes are one session, and all of it.

/// The tag of a sequence.
const SEQUENCE: u8 = 0x30;
/// When a session was made, and how long it lives: fields 1 and 2 of OpenSSL's `SSL_SESSION_ASN1`.
const TIMES: [u8; 2] = [0xa1, 0xa2];

/// An element, and what follows it.
struct Element<'d> {
    tag: u8,
    value: &'d [u8],
    rest: &'d [u8],
}

/// Whether `der` is one sequence from end to end in which a session's times are. libssl accepts bytes
/// behind it, and makes times up where there are none.
pub(crate) fn is_whole_session(der: &[u8]) -> bool {
    let Some(session) = first(der) else { return false };
    session.tag == SEQUENCE
        && session.rest.is_empty()
        && TIMES.iter().all(|time| contains(session.value, *time))
}

fn contains(mut fields: &[u8], tag: u8) -> bool {
    while let Some(field) = first(fields) {
        if field.tag == tag {
            return true;
        }
        fields = field.rest;
    }
    false
}

/// The element that `der` begins with.
fn first(der: &[u8]) -> Option<Element<'_>> {
    let (&tag, rest) = der.split_first()?;
    let (&len, rest) = rest.split_first()?;
    let (len, rest) = if len < 0x80 {
        (usize::from(len), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(len & 0x7f))?;
        if digits.len() > 4 {
            return None;
        }
        (digits.iter().fold(0, |len, &digit| len << 8 | usize::from(digit)), rest)
    };
    let (value, rest) = rest.split_at_checked(len)?;
    Some(Element { tag, value, rest })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: [u8; 14] = [0x30, 12, 2, 1, 1, 0xa1, 3, 2, 1, 9, 0xa2, 2, 5, 0];

    #[test]
    fn a_session_has_both_times_and_nothing_behind_it() {
        assert!(is_whole_session(&SESSION));
        let behind = [&SESSION[..], &[0]].concat();
        assert!(!is_whole_session(&behind));
        for len in 0..SESSION.len() {
            assert!(!is_whole_session(&SESSION[..len]), "{len} bytes");
        }
        for time in [5, 10] {
            let mut without = SESSION;
            without[time] = 0xa7;
            assert!(!is_whole_session(&without));
        }
    }

    #[test]
    fn long_lengths_are_read() {
        let mut long = vec![0x30, 0x82, 1, 0];
        long.resize(4 + 256, 0);
        assert!(first(&long).is_some_and(|element| element.value.len() == 256));
        assert!(first(&long[..100]).is_none());
        for broken in
            [&[0x30][..], &[0x30, 0x82, 1], &[0x30, 0x85, 0, 0, 0, 0, 1, 0], &[0x30, 0xff]]
        {
            assert!(first(broken).is_none());
        }
    }
}
