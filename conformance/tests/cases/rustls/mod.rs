//! Handshakes of rustls, in memory.
