//! Health, figures, dead letters and the page for operators, beside the services.

use std::net::SocketAddr;

use anyhow::Context as _;
use event_catalog::CATALOG;
use sample_program::say;
use tidings::prometheus::Exposition;
use tidings::{Tidings, Uuid};
use tokio::net::TcpListener;

/// The variable with the token of the administration.
const TOKEN: &str = "TIDINGS_ADMIN_TOKEN";

/// An administration that listens, and is about to serve.
pub(crate) struct Admin {
    listener: TcpListener,
    exposition: Exposition,
}

impl Admin {
    /// Listens. Before anything is published, so that all of it is measured.
    pub(crate) async fn listen(address: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address).await;
        let listener = listener.with_context(|| format!("cannot listen at {address}"))?;
        Ok(Self { listener, exposition: Exposition::install()? })
    }

    /// Serves for as long as it is polled.
    pub(crate) async fn serve(self, bus: &Tidings) -> anyhow::Result<()> {
        let Self { listener, exposition } = self;
        say(format_args!("Health, figures and dead letters: http://{}/", listener.local_addr()?));
        let given = std::env::var(TOKEN).ok().filter(|token| !token.is_empty());
        let token = given.unwrap_or_else(|| {
            let token = Uuid::now_v7().simple().to_string();
            say(format_args!("Its token is {token} ({TOKEN} gives another)."));
            token
        });
        let admin = bus.admin(&CATALOG).token(token).metrics(move || exposition.render());
        Ok(axum::serve(listener, admin.router()).await?)
    }
}
