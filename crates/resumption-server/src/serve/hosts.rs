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
    all: Vec<T>,
    named: HashMap<String, usize>,
}

impl<T> ByName<T> {
    /// Makes one for each host.
    pub(super) fn new(
        hosts: &Hosts,
        make: impl FnMut(&Host) -> Result<T, ServeError>,
    ) -> Result<Self, ServeError> {
        let all = hosts.iter().map(make).collect::<Result<_, _>>()?;
        let named = hosts.iter().filter_map(|host| Some((host.name.clone()?, host.number)));
        Ok(Self { all, named: named.collect() })
    }

    /// The one for this server name. Names are ASCII and know no case (RFC 6066, section 3).
    pub(super) fn find(&self, name: Option<&str>) -> &T {
        let number = name
            .filter(|_| !self.named.is_empty())
            .and_then(|name| self.named.get(&name.to_ascii_lowercase()));
        // There is always a first host.
        &self.all[number.copied().unwrap_or_default()]
    }

    /// All of them, in the order of the hosts.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.all.iter()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use resumption_cache::Callbacks;
    use resumption_session::SessionIdContext;

    use super::*;
    use crate::cache::Cache;
    use crate::cli::{Cli, Command};
    use crate::serve::stack::Stack;

    /// A certificate in a file, which serves as one and as a root.
    struct Certificate {
        chain: PathBuf,
        key: PathBuf,
    }

    impl Certificate {
        fn make(name: &str) -> Self {
            let made = rcgen::generate_simple_self_signed([format!("{name}.test")]).unwrap();
            let start = format!("resumption-{}-{name}", std::process::id());
            let file = |end| std::env::temp_dir().join(format!("{start}.{end}"));
            let (chain, key) = (file("pem"), file("key"));
            std::fs::write(&chain, made.cert.pem()).unwrap();
            std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
            Self { chain, key }
        }

        fn arguments(&self, rest: &[&str]) -> ServeArgs {
            let (chain, key) = (self.chain.to_str().unwrap(), self.key.to_str().unwrap());
            let start = ["resumption", "serve", "--cert", chain, "--key", key];
            let arguments = start.iter().chain(rest).map(|argument| (*argument).to_owned());
            match Cli::from_arguments(arguments) {
                Ok(Cli { command: Command::Serve(args) }) => *args,
                other => panic!("not what serve takes: {other:?}"),
            }
        }

        fn serving(&self, rest: &[&str]) -> Result<Hosts, ServeError> {
            Hosts::new(&self.arguments(rest))
        }

        /// The isolation contexts of the hosts.
        fn contexts(&self, rest: &[&str]) -> Vec<SessionIdContext> {
            let args = self.arguments(rest);
            let (hosts, cache) = (Hosts::new(&args).unwrap(), cache_of(&args));
            let stack = Stack::new(&args, &hosts, &cache).unwrap();
            stack.contexts().iter().map(|context| *context.bytes()).collect()
        }
    }

    impl Drop for Certificate {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.chain);
            let _ = std::fs::remove_file(&self.key);
        }
    }

    fn cache_of(args: &ServeArgs) -> Cache {
        Cache::new(args, Callbacks::none()).unwrap()
    }

    fn auth(hosts: &Hosts) -> Vec<ClientAuth> {
        hosts.iter().map(|host| host.clients.auth()).collect()
    }

    #[test]
    fn what_a_host_leaves_out_is_as_for_the_rest() {
        let server = Certificate::make("inherits");
        let ca = server.chain.to_str().unwrap();
        let hosts = server
            .serving(&[
                "--client-ca",
                ca,
                "--host",
                "same.test",
                "--host",
                "open.test,client-auth=none",
                "--host",
                "lenient.test,client-auth=optional",
            ])
            .unwrap();
        let (required, none) = (ClientAuth::Required, ClientAuth::None);
        assert_eq!(auth(&hosts), [required, required, none, ClientAuth::Optional]);
        let first = hosts.iter().next().unwrap();
        assert!(hosts.iter().all(|host| Arc::ptr_eq(&host.identity, &first.identity)));
        let own = format!("own.test,client-ca={ca}");
        assert_eq!(auth(&server.serving(&["--host", &own]).unwrap()), [none, required]);
        let missing = server.serving(&["--host", "a.test,client-auth=optional"]);
        assert!(
            matches!(missing, Err(ServeError::NoClientCa { host: Some(name) }) if name == "a.test")
        );
    }

    #[test]
    fn hosts_share_sessions_if_they_are_a_group_and_alike() {
        let server = Certificate::make("groups");
        let other = Certificate::make("another");
        let ca = server.chain.to_str().unwrap();
        let apart = format!("d.test,group=g,client-ca={ca}");
        let (chain, key) = (other.chain.display(), other.key.display());
        let certified = format!("e.test,group=g,cert={chain},key={key}");
        for library in ["rustls", "openssl"] {
            let contexts = server.contexts(&[
                "--tls",
                library,
                "--host",
                "a.test,group=g",
                "--host",
                "b.test,group=g",
                "--host",
                "c.test",
                "--host",
                &apart,
                "--host",
                &certified,
                "--host",
                "g",
            ]);
            let [rest, a, b, others @ ..] = &contexts[..] else { panic!("seven hosts") };
            assert_eq!(a, b, "{library}");
            let all = [&[*rest, *a], others].concat();
            let different: HashSet<_> = all.iter().map(SessionIdContext::as_bytes).collect();
            assert_eq!((all.len(), different.len()), (6, 6), "{library}: nobody else shares");
        }
    }

    #[test]
    fn names_know_no_case_and_strangers_get_the_first_host() {
        let server = Certificate::make("names");
        let hosts = server.serving(&["--host", "A.test", "--host", "b.test"]).unwrap();
        let numbers = ByName::new(&hosts, |host| Ok(host.number)).unwrap();
        let find = |name| *numbers.find(name);
        assert_eq!((find(Some("a.TEST")), find(Some("b.test"))), (1, 2));
        assert_eq!((find(Some("c.test")), find(None)), (0, 0));
        assert!(matches!(
            server.serving(&["--host", "a.test", "--host", "A.TEST"]),
            Err(ServeError::HostTwice(name)) if name == "a.test"
        ));
    }
}
