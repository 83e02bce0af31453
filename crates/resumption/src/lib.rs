//! The TLS session cache for high-throughput servers
