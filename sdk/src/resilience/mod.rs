//! What publishing and consuming do alike when something fails: wait, stop, and begin again.

pub(crate) mod breaker;
pub(crate) mod pace;
pub(crate) mod panic;
pub(crate) mod retry;
