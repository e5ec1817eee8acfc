//! The application in a test: its commands, its handlers at work, and a world that remembers.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use event_catalog::CATALOG;
use event_catalog::user_profile::{read_models, thumbnails, welcome_mail};
use tidings::{Inbox, Report, Subscription as _, Tidings, Uuid};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use user_profile::commands::{Commands, Register};
use user_profile::effects;
use user_profile::pretend::Pretend;

/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Stage {
    pub(crate) bus: Tidings,
    pub(crate) commands: Commands,
    pub(crate) pretend: Arc<Pretend>,
    end: oneshot::Sender<()>,
    handling: JoinHandle<Report>,
}

impl Stage {
    /// An instance that is at work.
    pub(crate) async fn on(bus: Tidings) -> Self {
        bus.ensure(&CATALOG).await.expect("the catalog fits");
        let pretend = Arc::new(Pretend::default());
        let world = pretend.world();
        let commands = Commands::new(&bus, "acme", Arc::clone(&world.files));
        let (end, ended) = oneshot::channel::<()>();
        let inbox = Inbox::memory(NonZeroUsize::new(1000).expect("some"));
        let run = effects::run(&bus, &world, inbox).until(ended);
        let handling = tokio::spawn(async move { run.await.expect("it runs well") });
        Self { bus, commands, pretend, end, handling }
    }

    /// A new member, who is called that.
    pub(crate) async fn register(&self, full_name: &str) -> Uuid {
        let email = format!("{}@example.com", full_name.to_lowercase());
        let new = Register { email, full_name: full_name.to_owned() };
        self.commands.register(new).await.expect("registered")
    }

    /// Returns once everything is announced and handled.
    pub(crate) async fn settled(&self) {
        let settled = async {
            self.bus.flush().await;
            for subscription in [
                welcome_mail::Subscription::SPEC,
                read_models::Subscription::SPEC,
                thumbnails::Subscription::SPEC,
            ] {
                self.bus.idle(subscription).await.expect("idle");
            }
        };
        tokio::time::timeout(PATIENCE, settled).await.expect("in time");
    }

    /// What has become of everything, at the end.
    pub(crate) async fn end(self) -> Report {
        self.settled().await;
        let _ = self.end.send(());
        self.handling.await.expect("no panic")
    }
}
