//! Ports that stay ours while nobody listens on them.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpSocket;

/// A free port of the loopback interface. While this lives the system gives it to nobody who asks for any port, be it to
/// listen or to connect, so that a server can be started on it, and again after a kill.
///
/// A socket that is bound with `SO_REUSEADDR` and does not listen is no obstacle to one that listens: so it is on Linux.
/// Elsewhere it would be one; there the port is only looked up, and the system's random choice has to keep others away.
#[derive(Debug)]
pub(super) struct Port {
    number: u16,
    _holder: Option<TcpSocket>,
}

impl Port {
    pub(super) fn reserve() -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let number = socket.local_addr()?.port();
        Ok(Self { number, _holder: cfg!(target_os = "linux").then_some(socket) })
    }

    pub(super) fn number(&self) -> u16 {
        self.number
    }
}
