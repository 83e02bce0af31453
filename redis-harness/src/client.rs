//! As much of the protocol as setting servers up needs.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

/// What a server answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reply {
    /// Several.
    Array(Vec<Reply>),
    /// It said no.
    Error(String),
    /// A number.
    Integer(i64),
    /// Nothing.
    Nil,
    /// A state or a string.
    Text(String),
}

impl Reply {
    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

/// A connection to a server on loopback.
#[derive(Debug)]
pub struct Client(BufReader<TcpStream>);

impl Client {
    /// Connects; each reply may take a second.
    ///
    /// # Errors
    /// The socket's.
    pub fn connect(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Asks one question: its words, separated by spaces.
    ///
    /// # Errors
    /// The socket's, and `InvalidData` for what is not the protocol.
    pub fn ask(&mut self, question: &str) -> io::Result<Reply> {
        let words: Vec<_> = question.split_whitespace().collect();
        let mut request = format!("*{}\r\n", words.len());
        for word in words {
            // Writing to a string does not fail.
            let _ = write!(request, "${}\r\n{word}\r\n", word.len());
        }
        self.0.get_mut().write_all(request.as_bytes())?;
        self.reply()
    }

    fn reply(&mut self) -> io::Result<Reply> {
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        let (kind, rest) =
            line.trim_end().split_at_checked(1).ok_or(io::ErrorKind::UnexpectedEof)?;
        let number =
            || rest.parse::<i64>().map_err(|_| io::Error::from(io::ErrorKind::InvalidData));
        match kind {
            "+" => Ok(Reply::Text(rest.to_owned())),
            "-" => Ok(Reply::Error(rest.to_owned())),
            ":" => Ok(Reply::Integer(number()?)),
            "$" | "*" if rest == "-1" => Ok(Reply::Nil),
            "$" => {
                let length = usize::try_from(number()?).map_err(io::Error::other)?;
                let mut bytes = vec![0; length + 2];
                self.0.read_exact(&mut bytes)?;
                bytes.truncate(length);
                Ok(Reply::Text(String::from_utf8_lossy(&bytes).into_owned()))
            }
            "*" => {
                (0..number()?).map(|_| self.reply()).collect::<io::Result<_>>().map(Reply::Array)
            }
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}
