//! A libssl client that finds its sessions in a cache.

use openssl::ssl::{Ssl, SslContext, SslMethod, SslVerifyMode, SslVersion};
use resumption_client::ClientSessions;
use resumption_openssl::client::{AttachedClient, OpensslClient};

use crate::wire::{Server, Version, Visitor, drive};

pub(crate) struct Client {
    context: SslContext,
    attached: AttachedClient,
}

impl Client {
    pub(crate) fn new(version: Version, sessions: ClientSessions) -> Self {
        let mut builder = SslContext::builder(SslMethod::tls_client()).unwrap();
        let version = match version {
            Version::Tls12 => SslVersion::TLS1_2,
            Version::Tls13 => SslVersion::TLS1_3,
        };
        builder.set_min_proto_version(Some(version)).unwrap();
        builder.set_max_proto_version(Some(version)).unwrap();
        builder.set_verify(SslVerifyMode::NONE);
        let attached = OpensslClient::builder(sessions).attach(&mut builder).unwrap();
        Self { context: builder.build(), attached }
    }
}

impl Visitor for Client {
    fn visit(&self, server: &dyn Server) -> bool {
        let mut connection = Ssl::new(&self.context).unwrap();
        connection.set_hostname("localhost").unwrap();
        self.attached.prepare(&mut connection, "localhost", 443).unwrap();
        let mut driven = drive(server, connection);
        driven.close();
        driven.shaken.has_resumed()
    }
}
