//! The virtual hosts: who the server is under which name, and whom it lets in.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use rustls_pki_types::CertificateDer;

use super::ServeError;
use crate::certificate::{self, Identity};
use crate::cli::{ClientAuth, HostArgs, ServeArgs};

/// A host: its certificate, and what it asks of clients.
#[derive(Debug)]
pub(super) struct Host {
    /// Its place among the hosts.
    pub(super) number: usize,
    /// The server name of a virtual host; none for what serves everybody else.
    pub(super) name: Option<String>,
    pub(super) identity: Arc<Identity>,
    pub(super) clients: Clients,
    /// The name under which hosts share sessions, if they are alike.
    pub(super) group: Option<String>,
}

/// What a host asks of its clients.
#[derive(Debug)]
pub(super) enum Clients {
    /// Nothing.
    Anonymous,
    /// A certificate that leads to one of these roots, if they have one.
    Optional(Vec<CertificateDer<'static>>),
    /// A certificate that leads to one of these roots.
    Required(Vec<CertificateDer<'static>>),
}

impl Host {
    /// The host as the arguments make it: the one that serves every name that has no host of its own.
    fn default_of(args: &ServeArgs) -> Result<Self, ServeError> {
        let identity = match (&args.cert, &args.key) {
            (Some(cert), Some(key)) => Identity::from_pem_files(cert, key)?,
            _ => Identity::self_signed()?,
        };
        let auth = args.client_auth.unwrap_or(match args.client_ca {
            Some(_) => ClientAuth::Required,
            None => ClientAuth::None,
        });
        let clients = Clients::new(auth, args.client_ca.as_ref(), None)?;
        Ok(Self { number: 0, name: None, identity: Arc::new(identity), clients, group: None })
    }

    /// A virtual host; what it leaves out is as `rest` has it.
    fn virtual_of(
        args: &ServeArgs,
        number: usize,
        host: &HostArgs,
        rest: &Self,
    ) -> Result<Self, ServeError> {
        let identity = match (&host.identity, &args.cert) {
            (Some((cert, key)), _) => Arc::new(Identity::from_pem_files(cert, key)?),
            (None, Some(_)) => Arc::clone(&rest.identity),
            (None, None) => Arc::new(Identity::self_signed_for([host.name.clone()])?),
        };
        let auth = match (host.client_auth, &host.client_ca) {
            (Some(auth), _) => auth,
            (None, Some(_)) => ClientAuth::Required,
            (None, None) => rest.clients.auth(),
        };
        let roots = host.client_ca.as_ref().or(args.client_ca.as_ref());
        let clients = Clients::new(auth, roots, Some(&host.name))?;
        let (name, group) = (Some(host.name.clone()), host.group.clone());
        Ok(Self { number, name, identity, clients, group })
    }

    /// How figures call it; `*`, which is no name, stands for all that have no host of their own.
    pub(super) fn label(&self) -> &str {
        self.name.as_deref().unwrap_or("*")
    }
}

impl Clients {
    fn new(
        auth: ClientAuth,
        roots: Option<&PathBuf>,
        host: Option<&String>,
    ) -> Result<Self, ServeError> {
        let roots = || {
            let path = roots.ok_or_else(|| ServeError::NoClientCa { host: host.cloned() })?;
            certificate::certificates_from_pem_file(path).map_err(ServeError::from)
        };
        Ok(match auth {
            ClientAuth::None => Self::Anonymous,
            ClientAuth::Optional => Self::Optional(roots()?),
            ClientAuth::Required => Self::Required(roots()?),
        })
    }

    fn auth(&self) -> ClientAuth {
        match self {
            Self::Anonymous => ClientAuth::None,
            Self::Optional(_) => ClientAuth::Optional,
            Self::Required(_) => ClientAuth::Required,
        }
    }
}

/// All hosts of a server. The first serves every name that has no host of its own, and no name.
#[derive(Debug)]
pub(super) struct Hosts(Vec<Host>);

impl Hosts {
    /// Reads their files and makes the certificates that are not in files.
    pub(super) fn new(args: &ServeArgs) -> Result<Self, ServeError> {
        let mut hosts = vec![Host::default_of(args)?];
        for host in &args.host {
            if hosts.iter().any(|known| known.name.as_ref() == Some(&host.name)) {
                return Err(ServeError::HostTwice(host.name.clone()));
            }
            hosts.push(Host::virtual_of(args, hosts.len(), host, &hosts[0])?);
        }
        Ok(Self(hosts))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Host> {
        self.0.iter()
    }
}

/// One thing for each host, to be found by the server name that a client asks for.
#[derive(Debug)]
pub(super) struct ByName<T> {
    other: T,
    named: HashMap<String, T>,
}

impl<T> ByName<T> {
    /// Makes one for each host.
    pub(super) fn new(
        hosts: &Hosts,
        mut make: impl FnMut(&Host) -> Result<T, ServeError>,
    ) -> Result<Self, ServeError> {
        let mut made = ByName { other: make(&hosts.0[0])?, named: HashMap::new() };
        for host in &hosts.0[1..] {
            let one = make(host)?;
            made.named.insert(host.name.clone().unwrap_or_default(), one);
        }
        Ok(made)
    }

    /// The one for this server name. Names are ASCII and know no case (RFC 6066, section 3).
    pub(super) fn find(&self, name: Option<&str>) -> &T {
        name.filter(|_| !self.named.is_empty())
            .and_then(|name| self.named.get(&name.to_ascii_lowercase()))
            .unwrap_or(&self.other)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.other).chain(self.named.values())
    }
}
