//! Changing single fields of an encoded `SSL_SESSION` (`i2d_SSL_SESSION`).
//!
//! It is a sequence: version, protocol, cipher, id, key, and then fields with tags of their own, of
//! which 0xaa holds the ticket.

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const TICKET: u8 = 0xaa;
pub(crate) const TIME: u8 = 0xa1;
pub(crate) const TIMEOUT: u8 = 0xa2;
pub(crate) const CONTEXT: u8 = 0xa4;
pub(crate) const HINT: u8 = 0xa9;

/// The place of the key among the fields, behind version, protocol, cipher and id.
pub(crate) const KEY: usize = 4;

/// Tag and content.
type Field = (u8, Vec<u8>);

/// Takes one field off the front.
fn next(bytes: &mut &[u8]) -> Field {
    let (tag, first) = (bytes[0], usize::from(bytes[1]));
    let (start, len) = if first < 0x80 {
        (2, first)
    } else {
        let digits = &bytes[2..2 + (first - 0x80)];
        (2 + digits.len(), digits.iter().fold(0, |len, digit| len << 8 | usize::from(*digit)))
    };
    let content = bytes[start..start + len].to_vec();
    *bytes = &bytes[start + len..];
    (tag, content)
}

fn put(out: &mut Vec<u8>, tag: u8, content: &[u8]) {
    out.push(tag);
    match u8::try_from(content.len()) {
        Ok(len) if len < 0x80 => out.push(len),
        _ => {
            out.push(0x82);
            out.extend_from_slice(&u16::try_from(content.len()).unwrap().to_be_bytes());
        }
    }
    out.extend_from_slice(content);
}

pub(crate) fn fields(mut session: &[u8]) -> Vec<Field> {
    let (tag, content) = next(&mut session);
    assert_eq!((tag, session.len()), (SEQUENCE, 0));
    let mut rest = &content[..];
    let mut fields = Vec::new();
    while !rest.is_empty() {
        fields.push(next(&mut rest));
    }
    fields
}

pub(crate) fn joined(fields: &[Field]) -> Vec<u8> {
    let mut content = Vec::new();
    for (tag, field) in fields {
        put(&mut content, *tag, field);
    }
    let mut session = Vec::new();
    put(&mut session, SEQUENCE, &content);
    session
}

/// The number of an optional field; 0 if it is not there.
pub(super) fn number(session: &[u8], tag: u8) -> u64 {
    let fields = fields(session);
    let Some((_, field)) = fields.iter().find(|(found, _)| *found == tag) else { return 0 };
    let (inner, digits) = next(&mut &field[..]);
    assert_eq!(inner, INTEGER);
    digits.iter().fold(0, |number, digit| number << 8 | u64::from(*digit))
}

/// The ticket, if there is one.
pub(super) fn ticket_of(session: &[u8]) -> Option<Vec<u8>> {
    let (_, field) = fields(session).into_iter().find(|(tag, _)| *tag == TICKET)?;
    let (tag, ticket) = next(&mut &field[..]);
    assert_eq!(tag, OCTETS);
    Some(ticket)
}

/// The same session with another ticket in place of its own.
pub(super) fn with_ticket(session: &[u8], ticket: &[u8]) -> Vec<u8> {
    let mut fields = fields(session);
    let field = fields.iter_mut().find(|(tag, _)| *tag == TICKET).unwrap();
    field.1.clear();
    put(&mut field.1, OCTETS, ticket);
    joined(&fields)
}

/// The same session with another key of the same length.
pub(super) fn with_wrong_key(session: &[u8]) -> Vec<u8> {
    let mut fields = fields(session);
    for byte in &mut fields[KEY].1 {
        *byte ^= 0xff;
    }
    joined(&fields)
}
