//! A `ClientHello` written by the book, piece by piece, to be read again.

/// What is to be written. Extensions come in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) session_id: Vec<u8>,
    pub(crate) extensions: Vec<(u16, Vec<u8>)>,
}

impl Draft {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn session_id(mut self, id: &[u8]) -> Self {
        self.session_id = id.to_vec();
        self
    }

    pub(crate) fn extension(mut self, number: u16, body: Vec<u8>) -> Self {
        self.extensions.push((number, body));
        self
    }

    pub(crate) fn server_name(self, name: &[u8]) -> Self {
        self.extension(0, vector(&[&[0][..], &vector(name)].concat()))
    }

    pub(crate) fn ticket(self, ticket: &[u8]) -> Self {
        self.extension(35, ticket.to_vec())
    }

    pub(crate) fn versions(self, versions: &[u16]) -> Self {
        let bytes: Vec<u8> = versions.iter().flat_map(|version| version.to_be_bytes()).collect();
        self.extension(43, [&[u8::try_from(bytes.len()).unwrap()][..], &bytes].concat())
    }

    pub(crate) fn tls13(self) -> Self {
        self.versions(&[0x0304, 0x0303])
    }

    pub(crate) fn early_data(self) -> Self {
        self.extension(42, Vec::new())
    }

    pub(crate) fn cookie(self, cookie: &[u8]) -> Self {
        self.extension(44, vector(cookie))
    }

    pub(crate) fn identities<I: AsRef<[u8]>>(self, identities: &[I]) -> Self {
        let body = pre_shared_keys(identities, identities.len());
        self.extension(41, body)
    }

    /// The handshake message, its header included.
    pub(crate) fn message(&self) -> Vec<u8> {
        let mut body = vec![3, 3];
        body.extend([0x5a; 32]);
        body.push(u8::try_from(self.session_id.len()).unwrap());
        body.extend(&self.session_id);
        body.extend([0, 4, 0x13, 1, 0xc0, 0x2f, 1, 0]);
        if !self.extensions.is_empty() {
            let mut list = Vec::new();
            for (number, extension) in &self.extensions {
                list.extend(number.to_be_bytes());
                list.extend(vector(extension));
            }
            body.extend(vector(&list));
        }
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        let mut message = vec![1, length[1], length[2], length[3]];
        message.extend(body);
        message
    }

    /// The message in records as long as they may be.
    pub(crate) fn flight(&self) -> Vec<u8> {
        in_records(&self.message(), &[1 << 14])
    }
}

/// The `pre_shared_key` extension with so many binders.
pub(crate) fn pre_shared_keys<I: AsRef<[u8]>>(identities: &[I], binders: usize) -> Vec<u8> {
    let mut list = Vec::new();
    for identity in identities {
        list.extend(vector(identity.as_ref()));
        list.extend([1, 2, 3, 4]);
    }
    let binders = [&[32][..], &[0xb1; 32]].concat().repeat(binders);
    [vector(&list), vector(&binders)].concat()
}

/// Bytes with their length in two bytes before them.
pub(crate) fn vector(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("it fits");
    [&length.to_be_bytes()[..], bytes].concat()
}

/// The message in records of these lengths; the last one goes on for the rest of them.
pub(crate) fn in_records(message: &[u8], lengths: &[usize]) -> Vec<u8> {
    let mut records = Vec::new();
    let mut rest = message;
    let mut lengths = lengths.iter().copied();
    let mut length = 1;
    while !rest.is_empty() {
        length = lengths.next().unwrap_or(length);
        let (content, later) = rest.split_at(length.min(rest.len()));
        records.extend([22, 3, 1]);
        records.extend(vector(content));
        rest = later;
    }
    records
}
