//! A process that is told to end.

use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tidings::testing::NatsServer;
use tidings::{Subscription as _, Tidings};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::time::timeout;

use super::connect;
use crate::fixture::catalog::tracking;
use crate::fixture::{PATIENCE, Running, Tracker, courier, next, sent};

/// A service of its own.
struct Service {
    process: Child,
    out: Lines<BufReader<ChildStdout>>,
    log: Lines<BufReader<ChildStderr>>,
}

impl Service {
    fn start(server: &NatsServer, millis: u64) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_service"))
            .arg(millis.to_string())
            .env("NATS_URL", server.url())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a process");
        let out = BufReader::new(process.stdout.take().expect("piped")).lines();
        let log = BufReader::new(process.stderr.take().expect("piped")).lines();
        Self { process, out, log }
    }

    /// Waits until it has begun with so many events.
    async fn begins(&mut self, count: usize) {
        for _ in 0..count {
            let line = timeout(PATIENCE, self.out.next_line()).await.expect("in time");
            assert!(line.expect("text").is_some_and(|line| line.starts_with("begun")));
        }
    }

    fn tell(&self, signal: Signal) {
        let id = self.process.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
        kill_process(id.expect("it runs"), signal).expect("told");
    }

    /// Waits for a line of its log.
    async fn logs(&mut self, words: &str) {
        let found = async {
            while let Some(line) = self.log.next_line().await.expect("text") {
                if line.contains(words) {
                    return;
                }
            }
            panic!("it ended without `{words}`");
        };
        timeout(PATIENCE, found).await.expect("in time");
    }

    /// How it ended, what it said last, and its log.
    async fn ended(mut self) -> (ExitStatus, String, String) {
        let ended = async {
            let (mut last, mut log) = (String::new(), String::new());
            while let Some(line) = self.out.next_line().await.expect("text") {
                last = line;
            }
            while let Some(line) = self.log.next_line().await.expect("text") {
                log += &line;
            }
            (self.process.wait().await.expect("it ends"), last, log)
        };
        timeout(PATIENCE, ended).await.expect("it ends in time")
    }
}

async fn publish(bus: &Tidings, count: u64) {
    for step in 0..count {
        courier(bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_end_under_load_a_process_loses_and_repeats_nothing() {
    for signal in [Signal::TERM, Signal::INT] {
        let server = NatsServer::start().await.expect("a server");
        let bus = connect(&server).await;
        publish(&bus, 200).await;
        let mut service = Service::start(&server, 20);
        service.begins(30).await;
        service.tell(signal);
        let (status, last, log) = service.ended().await;
        assert!(status.success(), "{status}: {log}");
        let words: Vec<&str> = last.split(' ').collect();
        let figure = |at: usize| words.get(at).and_then(|word| word.parse::<u64>().ok());
        let (handled, handed_back) = figure(1).zip(figure(3)).expect("its report");
        assert!(handled >= 22, "{last}");

        let (tracker, mut sightings) = Tracker::content();
        let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
        let mut again = 0;
        for _ in handled..200 {
            again += u64::from(next(&mut sightings).await.attempt > 1);
        }
        bus.idle(tracking::journey::Subscription::SPEC).await.expect("idle");
        assert_eq!(run.stop().await.handled, 200 - handled, "each event was handled once");
        assert_eq!(again, handed_back, "nothing came again but what was given back");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_end_while_the_server_is_gone_a_process_ends_and_says_so() {
    let mut server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    publish(&bus, 20).await;
    let mut service = Service::start(&server, 500);
    service.begins(8).await;
    server.kill().expect("killed");
    service.tell(Signal::TERM);
    let (status, _, log) = service.ended().await;
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(log.contains("not every delivery was settled"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_end_twice_a_process_ends_at_once() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    publish(&bus, 1).await;
    let mut service = Service::start(&server, 600_000);
    service.begins(1).await;
    service.tell(Signal::TERM);
    service.logs("ending").await;
    service.tell(Signal::TERM);
    let (status, _, log) = service.ended().await;
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(log.contains("Interrupted"), "{log}");
}
