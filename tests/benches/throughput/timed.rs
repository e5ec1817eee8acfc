//! How fast events are published, checked and consumed, beside bare async-nats on the same server.
//!
//! `cargo xtask bench` runs it; `docs/performance.md` says what is measured and how to read it.

include!("program.rs");

/// How often memory was asked for: to count it would take time, and [another build](../counted.rs) does.
fn allocations() -> Option<usize> {
    None
}
