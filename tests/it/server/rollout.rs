//! A rolling deploy under load: old and new builds of a shop's services (`tests/rollout`) side by side, and no event is lost
//! or handled twice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use tidings::testing::NatsServer;
use tidings::{Config, Subscription as _, Tidings};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::time::timeout;

use rollout_after::{CATALOG, audit, books};

use crate::fixture::PATIENCE;

/// Further events that something is seen to handle before the rollout goes on.
const SOME: usize = 40;

/// What the instances have told.
struct Shop {
    server: NatsServer,
    instances: BTreeMap<&'static str, Child>,
    told: mpsc::UnboundedReceiver<(&'static str, String)>,
    tell: mpsc::UnboundedSender<(&'static str, String)>,
    lines: Vec<(&'static str, Line)>,
}

#[derive(Debug)]
enum Line {
    Stored(String),
    Handled(Handled),
}

#[derive(Clone, Debug)]
struct Handled {
    subscription: String,
    what: String,
    id: String,
    sequence: u64,
    /// The version that it was published in.
    version: String,
}

impl Line {
    fn parse(line: &str) -> Option<Self> {
        match *line.split(' ').collect::<Vec<_>>() {
            ["stored", id] => Some(Self::Stored(id.to_owned())),
            [subscription, what, id, sequence, version] => Some(Self::Handled(Handled {
                subscription: subscription.to_owned(),
                what: what.to_owned(),
                id: id.to_owned(),
                sequence: sequence.parse().ok()?,
                version: version.to_owned(),
            })),
            _ => None,
        }
    }
}

impl Shop {
    async fn open() -> Self {
        let server = NatsServer::start().await.expect("a server");
        let (tell, told) = mpsc::unbounded_channel();
        Self { server, instances: BTreeMap::new(), told, tell, lines: Vec::new() }
    }

    /// Starts an instance: `build service`.
    fn start(&mut self, name: &'static str, build: &str, service: &str) {
        let mut instance = Command::new(env!("CARGO_BIN_EXE_rollout"))
            .args([build, service])
            .env("NATS_URL", self.server.url())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a process");
        let mut out = BufReader::new(instance.stdout.take().expect("piped")).lines();
        let tell = self.tell.clone();
        tokio::spawn(async move {
            while let Ok(Some(line)) = out.next_line().await {
                let _ = tell.send((name, line));
            }
        });
        self.instances.insert(name, instance);
    }

    /// Tells an instance to end, and waits until it has.
    async fn stop(&mut self, name: &str) {
        let mut instance = self.instances.remove(name).expect("it runs");
        let id = instance.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
        kill_process(id.expect("it runs"), Signal::TERM).expect("told");
        let status = timeout(PATIENCE, instance.wait()).await.expect("in time").expect("it ends");
        assert!(status.success(), "{name}: {status}");
    }

    async fn hear(&mut self) {
        let (name, line) =
            timeout(PATIENCE, self.told.recv()).await.expect("in time").expect("open");
        let line = Line::parse(&line).unwrap_or_else(|| panic!("{name} says `{line}`"));
        self.lines.push((name, line));
    }

    /// Waits until an instance has told of some more.
    async fn progress(&mut self, name: &str) {
        let told = |shop: &Self| shop.lines.iter().filter(|(teller, _)| *teller == name).count();
        let enough = told(self) + SOME;
        while told(self) < enough {
            self.hear().await;
        }
    }

    /// Waits for the rest of what was told.
    async fn close(mut self) -> Vec<(&'static str, Line)> {
        let names: Vec<_> = self.instances.keys().copied().collect();
        for name in names {
            self.stop(name).await;
        }
        let (nobody, _) = mpsc::unbounded_channel();
        self.tell = nobody;
        while let Some((name, line)) = timeout(PATIENCE, self.told.recv()).await.expect("in time") {
            self.lines.push((name, Line::parse(&line).expect("a line")));
        }
        self.lines
    }
}

/// What a subscription has handled, each event once, by id.
fn handled<'l>(lines: &'l [(&'static str, Line)], wanted: &str) -> BTreeMap<&'l str, &'l Handled> {
    let mut events = BTreeMap::new();
    for (name, line) in lines {
        let Line::Handled(handled) = line else { continue };
        if handled.subscription == wanted {
            let before = events.insert(handled.id.as_str(), handled);
            assert!(before.is_none(), "handled twice, at last by {name}: {handled:?}");
        }
    }
    events
}

/// The versions of the events that instances of this name have handled.
fn versions<'l>(lines: &'l [(&'static str, Line)], instances: &str) -> BTreeSet<&'l str> {
    let told = lines.iter().filter(|(name, _)| name.starts_with(instances));
    let versions = told.filter_map(|(_, line)| match line {
        Line::Handled(handled) => Some(handled.version.as_str()),
        Line::Stored(_) => None,
    });
    versions.collect()
}

#[tokio::test]
async fn nothing_is_lost_or_handled_twice_while_two_builds_run_side_by_side() {
    let mut shop = Shop::open().await;
    for (name, service) in
        [("books 1", "books"), ("books 2", "books"), ("till 1", "till"), ("till 2", "till")]
    {
        shop.start(name, "before", service);
    }
    shop.progress("books 1").await;
    shop.progress("books 2").await;

    // The books first: they bring what the old tills publish to the new version.
    shop.start("new books 1", "after", "books");
    shop.progress("new books 1").await;
    shop.stop("books 1").await;
    // A till is replaced while old books are at work: what they cannot read is left to the new ones.
    shop.start("new till 1", "after", "till");
    shop.progress("new till 1").await;
    shop.stop("till 1").await;
    // An instance with the old catalog starts anew in the middle of it, and takes nothing back on the server.
    shop.stop("books 2").await;
    shop.start("old books again", "before", "books");
    shop.progress("old books again").await;
    // Somebody new listens: from the first event on, and from now on.
    shop.start("audit", "after", "audit");
    shop.progress("audit").await;
    shop.start("new books 2", "after", "books");
    shop.progress("new books 2").await;
    shop.stop("old books again").await;
    shop.start("new till 2", "after", "till");
    shop.progress("new till 2").await;
    shop.stop("till 2").await;
    shop.progress("new books 1").await;

    for till in ["new till 1", "new till 2"] {
        shop.stop(till).await;
    }
    let url = shop.server.url();
    let bus = Tidings::connect(Config::new(url)).await.expect("connected");
    for spec in [
        books::entries::Subscription::SPEC,
        audit::trail::Subscription::SPEC,
        audit::alarm::Subscription::SPEC,
    ] {
        timeout(PATIENCE, bus.idle(spec)).await.expect("in time").expect("idle");
    }
    let letters = bus.dead_letters(&CATALOG).all().await.expect("readable");
    assert!(letters.is_empty(), "{letters:?}");
    let lines = shop.close().await;

    let stored: BTreeSet<&str> = lines
        .iter()
        .filter_map(|(_, line)| match line {
            Line::Stored(id) => Some(id.as_str()),
            Line::Handled(_) => None,
        })
        .collect();
    let (entries, trail) = (handled(&lines, "entries"), handled(&lines, "trail"));
    assert!(entries.keys().eq(&stored), "the books have every event");
    assert!(trail.keys().eq(&stored), "the audit has every event, also from before it was there");
    let alarms = handled(&lines, "alarm");
    let first = alarms.values().map(|alarm| alarm.sequence).min().expect("an alarm");
    let returns = || trail.values().filter(|event| event.what == "returned");
    assert!(returns().any(|event| event.sequence < first), "the alarm is for what is new");
    let missed = returns().find(|event| event.sequence > first && !alarms.contains_key(&*event.id));
    assert!(missed.is_none(), "no alarm for {missed:?}");

    let old = BTreeSet::from(["1.0", "1.1"]);
    assert_eq!(versions(&lines, "new books"), BTreeSet::from(["1.0", "1.1", "2.0"]));
    assert!(
        versions(&lines, "books").is_subset(&old),
        "what they cannot read is left to the others"
    );
    assert!(versions(&lines, "old books again").is_subset(&old));
}

#[test]
fn a_subscription_that_is_called_otherwise_is_refused_by_the_lock() {
    let after = Path::new(env!("CARGO_MANIFEST_DIR")).join("rollout/after");
    let folder = tempfile::tempdir().expect("a folder");
    for file in [
        "catalog.yaml",
        "catalog.lock",
        "sales/domain.yaml",
        "sales/sale-made.yaml",
        "sales/sale-returned.yaml",
        "services/till.yaml",
        "services/audit.yaml",
        "services/books.yaml",
    ] {
        let text = std::fs::read_to_string(after.join(file)).expect("a file");
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        let renamed = text.replace("  entries:", "  journal:");
        std::fs::write(path, renamed).expect("written");
    }
    let compilation = tidings_codegen::compile(folder.path()).expect("readable");
    let codes: Vec<&str> = compilation.diagnostics.iter().map(|found| found.code).collect();
    assert_eq!(codes, ["T811"]);
}
