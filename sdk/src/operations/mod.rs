//! What whoever operates a service needs: the server as the catalog wants it.

pub mod topology;
