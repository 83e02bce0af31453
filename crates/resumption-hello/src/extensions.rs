//! The extensions that bear on resumption, and no others.

use crate::HelloError;
use crate::cursor::Cursor;
use crate::hello::Ticket;
use crate::identities;

const TLS_1_3: [u8; 2] = [3, 4];

/// The longest name of a host (RFC 1035, section 2.3.4).
const MAX_HOST_NAME: usize = 255;

/// The numbers of the extensions (RFC 8446, section 4.2; RFC 6066; RFC 5077).
mod number {
    pub(super) const SERVER_NAME: u16 = 0;
    pub(super) const SESSION_TICKET: u16 = 35;
    pub(super) const PRE_SHARED_KEY: u16 = 41;
    pub(super) const EARLY_DATA: u16 = 42;
    pub(super) const SUPPORTED_VERSIONS: u16 = 43;
    pub(super) const COOKIE: u16 = 44;

    /// Those that are read here.
    pub(super) const ALL: [u16; 6] =
        [SERVER_NAME, SESSION_TICKET, PRE_SHARED_KEY, EARLY_DATA, SUPPORTED_VERSIONS, COOKIE];
}

/// What the extensions say.
#[derive(Clone, Copy)]
pub(crate) struct Extensions<'a> {
    pub(crate) server_name: Option<&'a str>,
    pub(crate) tls13: bool,
    pub(crate) ticket: Ticket,
    pub(crate) early_data: bool,
    pub(crate) cookie: bool,
    /// The list of identities, checked, without the length before it; empty when there is none.
    pub(crate) identities: &'a [u8],
}

impl<'a> Extensions<'a> {
    /// What a client says that sends none.
    const NONE: Self = Self {
        server_name: None,
        tls13: false,
        ticket: Ticket::Absent,
        early_data: false,
        cookie: false,
        identities: &[],
    };

    pub(crate) fn parse(list: &'a [u8]) -> Result<Self, HelloError> {
        let mut found = Self::NONE;
        let mut seen = Seen(0);
        let mut list = Cursor::new(list);
        while !list.is_empty() {
            let extension = list.u16()?;
            let body = list.vector()?;
            seen.note(extension)?;
            found.read(extension, body)?;
            if extension == number::PRE_SHARED_KEY {
                // The binders cover all that is before them, so nothing comes after.
                list.end()?;
            }
        }
        Ok(found)
    }

    /// From whoever knows the extensions by their numbers.
    pub(crate) fn look_up(body: impl Fn(u16) -> Option<&'a [u8]>) -> Result<Self, HelloError> {
        let mut found = Self::NONE;
        for extension in number::ALL {
            if let Some(body) = body(extension) {
                found.read(extension, body)?;
            }
        }
        Ok(found)
    }

    fn read(&mut self, extension: u16, body: &'a [u8]) -> Result<(), HelloError> {
        match extension {
            number::SERVER_NAME => self.server_name = host_name(body)?,
            number::SESSION_TICKET if body.is_empty() => self.ticket = Ticket::Empty,
            number::SESSION_TICKET => self.ticket = Ticket::Offered,
            number::PRE_SHARED_KEY => self.identities = identities::checked(body)?,
            number::EARLY_DATA => {
                Cursor::new(body).end()?;
                self.early_data = true;
            }
            number::SUPPORTED_VERSIONS => self.tls13 = offers_tls13(body)?,
            number::COOKIE => self.cookie = true,
            _ => {}
        }
        Ok(())
    }
}

/// Which of the extensions that are read here came already. A second one of a kind is against the rules
/// (RFC 8446, section 4.2), and it would be unclear which of them counts.
struct Seen(u64);

impl Seen {
    fn note(&mut self, extension: u16) -> Result<(), HelloError> {
        // All numbers that are read here are below 64; the others may come as often as they like.
        let bit = 1_u64.checked_shl(extension.into()).unwrap_or(0);
        if self.0 & bit != 0 {
            return Err(HelloError::Malformed);
        }
        self.0 |= bit;
        Ok(())
    }
}

/// The one name of the kind `host_name`, if it is one.
fn host_name(body: &[u8]) -> Result<Option<&str>, HelloError> {
    const HOST_NAME: u8 = 0;
    let mut body = Cursor::new(body);
    let names = body.vector()?;
    body.end()?;
    let mut found = None;
    let mut names = Cursor::new(names);
    while !names.is_empty() {
        if names.u8()? != HOST_NAME {
            // No other kind was ever defined, so nobody knows where it ends.
            break;
        }
        if found.replace(names.vector()?).is_some() {
            return Err(HelloError::Malformed);
        }
    }
    let printable = |name: &&[u8]| {
        (1..=MAX_HOST_NAME).contains(&name.len()) && name.iter().all(u8::is_ascii_graphic)
    };
    Ok(found.filter(printable).and_then(|name| core::str::from_utf8(name).ok()))
}

/// Whether TLS 1.3 is among the versions.
fn offers_tls13(body: &[u8]) -> Result<bool, HelloError> {
    let mut body = Cursor::new(body);
    let versions = body.short_vector()?;
    body.end()?;
    let versions = versions.chunks_exact(2);
    if !versions.remainder().is_empty() {
        return Err(HelloError::Malformed);
    }
    Ok(versions.into_iter().any(|version| version == TLS_1_3))
}
