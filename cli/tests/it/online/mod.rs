//! The verbs that talk to a server, each on a server of its own, with the catalog of the samples.

mod bench;
mod dev;
mod dlq;
mod lag;
mod operating;
mod publish;
mod replay;
mod tail;
#[cfg(unix)]
mod terminal;

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;
use tidings::encryption::FileKeys;
use tidings::testing::NatsServer;
use tidings::{Config, Tidings};

use crate::tidings::{Ended, Project, workspace};

/// A server with the catalog of the samples applied, and a folder to run the command in.
pub(crate) struct Stage {
    pub(crate) server: NatsServer,
    pub(crate) project: Project,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let stage = Self::empty().await;
        stage.bus().await.ensure(&event_catalog::CATALOG).await.expect("the catalog fits");
        stage
    }

    /// Without streams.
    pub(crate) async fn empty() -> Self {
        let server = NatsServer::start().await.expect("a server");
        let project = Project::empty();
        let keys = FileKeys::open(project.path().join("keys")).expect("a folder for keys");
        for organization in ["acme", "rival"] {
            keys.create(organization).expect("a first key");
        }
        Self { server, project }
    }

    pub(crate) async fn bus(&self) -> Tidings {
        let bus = Tidings::connect(Config::new(self.server.url())).await.expect("a connection");
        bus.set_keys(FileKeys::open(self.project.path().join("keys")).expect("a folder for keys"));
        bus
    }

    /// The command with these arguments, against the server.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = self.project.command(args);
        command.env("NATS_URL", self.server.url());
        command.env("TIDINGS_CATALOG", workspace().join("event-catalog"));
        command.env("TIDINGS_KEYS", self.project.path().join("keys"));
        command
    }

    pub(crate) fn tidings(&self, args: &[&str]) -> Ended {
        Ended::of(self.command(args))
    }

    /// What the command answers to machines.
    #[track_caller]
    pub(crate) fn data(&self, args: &[&str]) -> Value {
        let shown = self.tidings(&[args, &["--format", "json"]].concat()).stdout(0);
        let mut document: Value = serde_json::from_str(&shown).expect("one document");
        assert_eq!(document["version"], 1);
        document["data"].take()
    }

    /// Publishes the first example of an order; the id tells one from another.
    #[track_caller]
    pub(crate) fn order(&self, id: &str, organization: &str) {
        let args = ["publish", "orders.order.created", "--id", id, "--organization", organization];
        self.tidings(&args).stdout(0);
    }
}

/// The command at work; it ends with the test.
pub(crate) struct AtWork {
    running: Child,
    lines: BufReader<ChildStdout>,
}

impl AtWork {
    pub(crate) fn start(mut command: Command) -> Self {
        Self::of(command.stdout(Stdio::piped()).stderr(Stdio::piped()))
    }

    /// The same of a command whose errors may go elsewhere.
    pub(crate) fn of(command: &mut Command) -> Self {
        let mut running = command.spawn().expect("a program that runs");
        let lines = BufReader::new(running.stdout.take().expect("its output"));
        Self { running, lines }
    }

    /// The next line; none at the end.
    pub(crate) fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let length = self.lines.read_line(&mut line).expect("a line");
        (length > 0).then(|| line.trim_end().to_owned())
    }

    /// The next document.
    #[track_caller]
    pub(crate) fn document(&mut self) -> Value {
        let line = self.line().expect("a document");
        serde_json::from_str(&line).expect("JSON")
    }

    /// What Ctrl-C does.
    pub(crate) fn interrupt(&self) {
        let told = Command::new("kill").args(["-INT", &self.running.id().to_string()]).status();
        assert!(told.expect("a program that runs").success());
    }

    /// What is left of its output, once it has ended.
    pub(crate) fn ended(mut self) -> Ended {
        let mut stdout = String::new();
        self.lines.read_to_string(&mut stdout).expect("UTF-8");
        let mut stderr = String::new();
        if let Some(pipe) = self.running.stderr.as_mut() {
            pipe.read_to_string(&mut stderr).expect("UTF-8");
        }
        let code = self.running.wait().expect("an end").code().expect("an exit code");
        Ended { code, stdout, stderr }
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        // It has ended already where all went well.
        let _ = self.running.kill();
        let _ = self.running.wait();
    }
}

/// The text with zeros in the place of what differs from run to run: times, and how long ago they were.
pub(crate) fn masked(text: &str) -> String {
    let word = |word: &str| {
        let shape: String =
            word.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        match shape.as_str() {
            "0s" | "00s" => "0s".to_owned(),
            "(0s" | "(00s" => "(0s".to_owned(),
            "0000-00-00" | "00:00:00" | "00:00:00.000" => shape,
            _ => word.to_owned(),
        }
    };
    let lines = text.lines().map(|line| line.split(' ').map(word).collect::<Vec<_>>().join(" "));
    lines.map(|line| line + "\n").collect()
}
