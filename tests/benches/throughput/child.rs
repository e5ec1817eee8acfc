//! A program in a process of its own, which is told line by line what to do, and timed from outside.
//!
//! Its first line is [`Wanted`]; it connects and answers with its name. Then it is told `publish 20000`, or `consume 20000`,
//! where there may be other ways to consume than one: it prepares, says `ready`, does it at the next line, and says `done` when
//! the stream has acknowledged each event, or all acknowledgements are sent.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use async_nats::header::NATS_MESSAGE_ID;
use async_nats::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use tidings::{Event as _, Subscription as _};
use tidings_tests::catalog::parcels::{ParcelSent, subjects};
use tidings_tests::catalog::tracking;
use tidings_tests::process::Process;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::{Instant, sleep, timeout};

use crate::Outcome;
use crate::consume::DURABLE;
use crate::measure::{Meter, Sample};
use crate::stage::Stage;

/// Longer than the slowest needs for the largest sample.
const PATIENCE: Duration = Duration::from_secs(120);
/// For acknowledgements of which nobody has waited for the confirmation.
const SETTLES_WITHIN: Duration = Duration::from_secs(5);

/// The message to publish, as the runtime writes it, where it goes, and how it is consumed.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Wanted {
    pub(crate) url: String,
    pub(crate) subject: String,
    pub(crate) stream: String,
    pub(crate) durable: String,
    pub(crate) max_ack_pending: u32,
    /// Without the message's id: each has one of its own.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Wanted {
    fn of(stage: &Stage) -> Outcome<Self> {
        let (headers, body) = stage.template.parts();
        let headers = headers.iter().filter(|(name, _)| **name != NATS_MESSAGE_ID);
        let headers = headers.filter_map(|(name, values)| Some((name, values.first()?)));
        Ok(Self {
            url: format!("nats://{}", stage.address()),
            subject: subjects::PARCEL_SENT.to_owned(),
            stream: ParcelSent::SPEC.stream.to_owned(),
            durable: DURABLE.to_owned(),
            max_ack_pending: tracking::journey::Subscription::SPEC.max_ack_pending,
            headers: headers.map(|(name, value)| (name.to_string(), value.to_string())).collect(),
            body: String::from_utf8(body.to_vec())?,
        })
    }
}

/// It ends with its value.
pub(crate) struct Program {
    /// What it calls itself, with versions.
    pub(crate) name: String,
    meter: Meter,
    _process: Child,
    to: ChildStdin,
    from: Lines<BufReader<ChildStdout>>,
}

impl Program {
    pub(crate) async fn start(mut command: Command, stage: &Stage) -> Outcome<Self> {
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let named = piped.as_std().get_program().to_string_lossy().into_owned();
        let mut process =
            piped.spawn().map_err(|error| format!("cannot run `{named}`: {error}"))?;
        let (to, from) = (process.stdin.take(), process.stdout.take());
        let (to, from) = to.zip(from).ok_or("no pipes")?;
        let meter = stage.meter.of(Process::with_id(process.id().ok_or("it has ended already")?));
        let from = BufReader::new(from).lines();
        let mut program = Self { name: String::new(), meter, _process: process, to, from };
        program.tell(&serde_json::to_string(&Wanted::of(stage)?)?).await?;
        program.name = program.answer().await?;
        Ok(program)
    }

    /// So many messages, until the stream has acknowledged each.
    pub(crate) async fn publish(&mut self, events: usize) -> Outcome<Sample> {
        self.timed("publish", events).await
    }

    /// All that the stream holds, parsed and acknowledged, in a way that the task names.
    pub(crate) async fn consume(
        &mut self,
        stage: &Stage,
        task: &str,
        events: usize,
    ) -> Outcome<Sample> {
        let sample = self.timed(task, events).await?;
        settled(stage).await?;
        Ok(sample)
    }

    async fn timed(&mut self, task: &str, events: usize) -> Outcome<Sample> {
        self.tell(&format!("{task} {events}")).await?;
        self.expect("ready").await?;
        let meter = self.meter.clone();
        let started = meter.start();
        self.tell("go").await?;
        self.expect("done").await?;
        Ok(started.stop(events))
    }

    async fn tell(&mut self, line: &str) -> Outcome {
        self.to.write_all(line.as_bytes()).await?;
        self.to.write_all(b"\n").await?;
        Ok(self.to.flush().await?)
    }

    async fn answer(&mut self) -> Outcome<String> {
        let line = timeout(PATIENCE, self.from.next_line()).await;
        let line = line.map_err(|_| format!("nothing was heard of it for {PATIENCE:?}"))?;
        Ok(line?.ok_or("it ended, and has told why above")?)
    }

    async fn expect(&mut self, word: &str) -> Outcome {
        let answer = self.answer().await?;
        if answer == word {
            Ok(())
        } else {
            Err(format!("it should have said `{word}`, and said `{answer}`").into())
        }
    }
}

/// Fails unless the stream's last message is the one that was wanted, under an id. A library may write names of headers in its
/// own way, and add some.
pub(crate) async fn as_wanted(stage: &Stage) -> Outcome {
    let last = stage.stream().await?.get_last_raw_message_by_subject(subjects::PARCEL_SENT).await?;
    let (headers, body) = stage.template.parts();
    for (name, wanted) in headers.iter() {
        let name = name.to_string();
        let length = |values: &Vec<HeaderValue>| values.first().map(|value| value.as_str().len());
        let alike = |values| match name == NATS_MESSAGE_ID.to_string() {
            true => length(values) == length(wanted),
            false => values == wanted,
        };
        let mut all = last.headers.iter();
        let found = |(found, values): (&HeaderName, _)| {
            found.to_string().eq_ignore_ascii_case(&name) && alike(values)
        };
        if !all.any(found) {
            return Err(format!("the last message has another `{name}`: {:?}", last.headers).into());
        }
    }
    if last.payload == *body { Ok(()) } else { Err("the last message has another body".into()) }
}

/// Fails unless everything was consumed and acknowledged.
async fn settled(stage: &Stage) -> Outcome {
    let stream = stage.stream().await?;
    let deadline = Instant::now() + SETTLES_WITHIN;
    loop {
        let info = stream.consumer_info(DURABLE).await?;
        match (info.num_pending, info.num_ack_pending) {
            (0, 0) => return Ok(()),
            (pending, unsettled) if Instant::now() > deadline => {
                return Err(format!("{pending} events are left and {unsettled} not settled").into());
            }
            _ => sleep(Duration::from_millis(10)).await,
        }
    }
}
