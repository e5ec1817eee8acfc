//! Health, figures, dead letters and a page for operators over HTTP: a router to mount in the service's own server.
//!
//! ```no_run
//! # async fn serve(bus: tidings::Tidings) -> std::io::Result<()> {
//! let admin = bus
//!     .admin(&event_catalog::CATALOG)
//!     .token(std::env::var("TIDINGS_ADMIN_TOKEN").unwrap_or_default());
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:9090").await?;
//! # mod axum { pub async fn serve<L, R>(_: L, _: R) -> std::io::Result<()> { Ok(()) } }
//! axum::serve(listener, admin.router()).await
//! # }
//! ```
//!
//! | path | |
//! |---|---|
//! | `/` | a page: subscriptions, dead letters, replay at a click |
//! | `/healthz` | 200 while the process is worth keeping; 503 once only a new start helps |
//! | `/readyz` | 200 while it can do its work; 503 with what is wrong, as JSON |
//! | `/metrics` | the figures, where they [are given](Admin::metrics) |
//! | `/api/v1/openapi.json` | the description of the following |
//! | `/api/v1/subscriptions` | how far each subscription of the catalog is behind |
//! | `/api/v1/events/dlq` | dead letters: `GET` with filters, page by page; `DELETE` with a filter |
//! | `/api/v1/events/dlq/{id}` | one, with its payload without personal data; `DELETE` it |
//! | `/api/v1/events/dlq/{id}/replay` | `POST`: hands it to its subscription again |
//! | `/api/v1/events/dlq/replay` | `POST`: the same for all that a filter chooses; with `dry_run`, only counts |
//!
//! The API is closed unless it is given a [token](Admin::token), or the service [vouches](Admin::behind_own_auth) for a layer of
//! its own. Probes, figures and the page itself, which holds no data, are open: who may reach them is the network's business.

mod access;
mod letters;
mod openapi;
mod page;
mod probes;
mod problem;
mod routes;
mod select;
mod subscriptions;
mod view;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;

use crate::catalog::Catalog;
use crate::health::Health;
use crate::{DeadLetters, Tidings};
use access::Access;

/// The administration of a service about to be mounted; see [the module](self).
///
/// In the service's own router, behind what lets people in there, with figures:
///
/// ```no_run
/// # #[cfg(feature = "prometheus")] mod shown {
/// use std::time::Duration;
///
/// # fn example(bus: tidings::Tidings) -> Result<(), Box<dyn std::error::Error>> {
/// use axum::Router;
/// use tidings::prometheus::Exposition;
///
/// let exposition = Exposition::install()?; // before anything is published or run
/// let admin = bus.admin(&event_catalog::CATALOG).metrics(move || exposition.render());
/// let admin = admin.stalled_after(Duration::from_secs(300)).behind_own_auth().router();
/// let app: Router = Router::new().nest("/admin", admin); // `.layer(…)` here asks who it is
/// # let _ = app;
/// # Ok(())
/// # }
/// # }
/// ```
#[must_use = "it is there once its `router` is served"]
pub struct Admin {
    bus: Tidings,
    catalog: &'static Catalog,
    health: Health,
    access: Access,
    metrics: Option<Render>,
}

type Render = Box<dyn Fn() -> String + Send + Sync>;

/// What all requests share.
struct Shared {
    bus: Tidings,
    catalog: &'static Catalog,
    health: Health,
    metrics: Option<Render>,
}

impl Tidings {
    /// Health, figures, dead letters and a page over HTTP; see [`Admin`].
    ///
    /// ```no_run
    /// # fn example(bus: tidings::Tidings) -> std::io::Result<()> {
    /// let admin = bus.admin(&event_catalog::CATALOG).token("s3cret").router(); // for axum's `serve` or `nest`
    /// # drop(admin);
    /// # Ok(())
    /// # }
    /// ```
    pub fn admin(&self, catalog: &'static Catalog) -> Admin {
        Admin {
            bus: self.clone(),
            catalog,
            health: self.health(catalog),
            access: Access::Closed,
            metrics: None,
        }
    }
}

impl Admin {
    /// Opens the API to whoever sends this token (`Authorization: Bearer …`). An empty one, such as that of a variable that is
    /// not set, leaves it closed.
    pub fn token(mut self, token: impl AsRef<str>) -> Self {
        if let Some(access) = Access::token(token.as_ref()) {
            self.access = access;
        }
        self
    }

    /// Opens the API to whoever gets to it: the service puts a layer of its own before the router, which lets nobody through
    /// who must not read or replay events.
    pub fn behind_own_auth(mut self) -> Self {
        self.access = Access::Open;
        self
    }

    /// What `/metrics` answers, in Prometheus' text format: `move || exposition.render()`.
    pub fn metrics(mut self, render: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.metrics = Some(Box::new(render));
        self
    }

    /// How long a subscription that runs here may stand still before `/readyz` says so; see [`Health::stalled_after`].
    pub fn stalled_after(mut self, patience: Duration) -> Self {
        self.health = self.health.stalled_after(patience);
        self
    }

    /// What is to be served, or [nested](Router::nest) under a path of the service's own router.
    pub fn router(self) -> Router {
        let Self { bus, catalog, health, access, metrics } = self;
        routes::router(access, Arc::new(Shared { bus, catalog, health, metrics }))
    }
}

impl Shared {
    fn letters(&self) -> DeadLetters {
        self.bus.dead_letters(self.catalog)
    }
}

impl fmt::Debug for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let catalog = self.catalog.name;
        f.debug_struct("Admin")
            .field("catalog", &catalog)
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}
