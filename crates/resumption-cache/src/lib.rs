//! A TLS session cache: lock-free lookups, single use, isolation contexts, live reconfiguration
