//! `--host NAME[,KEY=VALUE]...`: one virtual host in one argument.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueEnum;

/// A virtual host: what it does unlike the rest of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostArgs {
    /// The server name that clients ask for, in lower case.
    pub name: String,
    /// Its certificate chain and private key (PEM).
    pub identity: Option<(PathBuf, PathBuf)>,
    /// Roots of its clients' certificates (PEM).
    pub client_ca: Option<PathBuf>,
    /// Whether its clients need a certificate.
    pub client_auth: Option<ClientAuth>,
    /// Hosts of one group that are alike in everything else share their sessions.
    pub group: Option<String>,
}

/// Whether clients need a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[non_exhaustive]
pub enum ClientAuth {
    /// Clients are not asked for a certificate
    None,
    /// Clients are asked; those without a certificate are served all the same
    Optional,
    /// Clients without a certificate are refused
    Required,
}

/// Why a text is not a virtual host.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HostError {
    /// A value of `client-auth` that there is not.
    ClientAuth(String),
    /// One of `cert` and `key` without the other.
    HalfAnIdentity,
    /// A key that there is not.
    Key(String),
    /// Not a name that a client can ask for.
    Name(String),
    /// A key that is given twice.
    Twice(String),
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClientAuth(value) => {
                write!(f, "client-auth is none, optional or required, not {value:?}")
            }
            Self::HalfAnIdentity => f.write_str("cert and key belong together"),
            Self::Key(key) => write!(
                f,
                "there is no {key:?} of a host; there are cert, key, client-ca, client-auth and \
                 group, each as KEY=VALUE"
            ),
            Self::Name(name) => write!(f, "{name:?} is not a server name"),
            Self::Twice(key) => write!(f, "{key} is given twice"),
        }
    }
}

impl std::error::Error for HostError {}

impl FromStr for HostArgs {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        let mut parts = text.split(',');
        let name = parts.next().unwrap_or_default();
        match rustls_pki_types::DnsName::try_from(name) {
            Ok(_) => {}
            Err(_) => return Err(HostError::Name(name.to_owned())),
        }
        let mut values: [(&str, Option<&str>); 5] =
            ["cert", "key", "client-ca", "client-auth", "group"].map(|key| (key, None));
        for part in parts {
            let unknown = || HostError::Key(part.to_owned());
            let (key, value) = part.split_once('=').ok_or_else(unknown)?;
            let place = values.iter_mut().find(|(known, _)| *known == key).ok_or_else(unknown)?;
            if place.1.replace(value).is_some() {
                return Err(HostError::Twice(key.to_owned()));
            }
        }
        let [cert, key, client_ca, client_auth, group] = values.map(|(_, value)| value);
        let identity = match (cert, key) {
            (Some(cert), Some(key)) => Some((cert.into(), key.into())),
            (None, None) => None,
            _ => return Err(HostError::HalfAnIdentity),
        };
        let client_auth = client_auth
            .map(|value| {
                ClientAuth::from_str(value, false)
                    .map_err(|_| HostError::ClientAuth(value.to_owned()))
            })
            .transpose()?;
        Ok(Self {
            name: name.to_ascii_lowercase(),
            identity,
            client_ca: client_ca.map(PathBuf::from),
            client_auth,
            group: group.map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_and_what_is_different_there() {
        let host: HostArgs =
            "Shop.Example,cert=c.pem,key=k.pem,client-ca=ca.pem,client-auth=optional"
                .parse()
                .unwrap();
        assert_eq!(host.name, "shop.example");
        assert_eq!(host.identity, Some(("c.pem".into(), "k.pem".into())));
        assert_eq!(host.client_ca, Some("ca.pem".into()));
        assert_eq!(host.client_auth, Some(ClientAuth::Optional));
        assert_eq!(host.group, None);
        let host: HostArgs = "a.test,group=shop".parse().unwrap();
        assert_eq!(host.group.as_deref(), Some("shop"));
    }

    #[test]
    fn what_is_wrong_with_a_host_is_named() {
        let wrong = |text: &str| text.parse::<HostArgs>().unwrap_err();
        assert_eq!(wrong(""), HostError::Name(String::new()));
        assert_eq!(wrong("a b"), HostError::Name("a b".to_owned()));
        assert_eq!(wrong("a.test,cert=c.pem"), HostError::HalfAnIdentity);
        assert_eq!(wrong("a.test,colour=red"), HostError::Key("colour=red".to_owned()));
        assert_eq!(wrong("a.test,group"), HostError::Key("group".to_owned()));
        assert_eq!(wrong("a.test,group=x,group=y"), HostError::Twice("group".to_owned()));
        assert_eq!(
            wrong("a.test,client-ca=f,client-auth=maybe"),
            HostError::ClientAuth("maybe".to_owned())
        );
    }
}
