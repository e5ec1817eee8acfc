//! Looks at the servers without the runtime, and as somebody whose permissions stay.

use std::collections::BTreeMap;
use std::time::Duration;

use async_nats::{Client, ConnectOptions};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};
use tidings::{Config, Tidings};

use crate::Outcome;
use crate::topology::{Reader, STREAMS, SWEEPER};

const ANSWER: Duration = Duration::from_secs(5);
/// How often a question is asked: leaders change.
const TRIES: u32 = 20;
const AT_ONCE: usize = 64;
/// JetStream's code for a message that is not there.
const NO_MESSAGE: u64 = 10037;

#[derive(Debug)]
pub(crate) struct Witness {
    client: Client,
    urls: Vec<String>,
}

impl Witness {
    pub(crate) async fn connect(urls: &[String]) -> Outcome<Self> {
        let options = ConnectOptions::new()
            .user_and_password("root".into(), "root".into())
            .ping_interval(Duration::from_secs(1))
            .reconnect_delay_callback(|_| Duration::from_millis(200));
        Ok(Self { client: options.connect(urls).await?, urls: urls.to_vec() })
    }

    /// How many messages the streams hold, if somebody answers now.
    pub(crate) async fn stored_so_far(&self) -> Option<u64> {
        let mut all = 0;
        for stream in STREAMS {
            let method = format!("STREAM.INFO.{stream}");
            let info = self.once(&method, &Value::Null);
            let info = tokio::time::timeout(ANSWER / 25, info).await.ok()?.ok()?;
            all += info["state"]["messages"].as_u64()?;
        }
        Some(all)
    }

    /// What each reader has to handle and has not, in the order of `Reader::ALL`, and at the end the sweeper.
    pub(crate) async fn left(&self) -> Outcome<Vec<u64>> {
        let mut all = Vec::new();
        for reader in Reader::ALL {
            let mut left = 0;
            for durable in reader.durables() {
                left += self.left_for(reader.spec().stream, durable).await?;
            }
            all.push(left);
        }
        let (stream, durable) = SWEEPER;
        all.push(self.left_for(stream, durable).await?);
        Ok(all)
    }

    async fn left_for(&self, stream: &str, durable: &str) -> Outcome<u64> {
        let info = self.ask(&format!("CONSUMER.INFO.{stream}.{durable}"), &Value::Null).await?;
        let number = |name: &str| info[name].as_u64().ok_or(format!("no {name} in {info}"));
        Ok(number("num_pending")? + number("num_ack_pending")?)
    }

    /// Of a reader with several consumers, one.
    pub(crate) async fn delete_consumer(&self, reader: Reader) -> Outcome {
        let (stream, durables) = (reader.spec().stream, reader.durables());
        let durable = durables.last().ok_or("a reader without consumers")?;
        self.ask(&format!("CONSUMER.DELETE.{stream}.{durable}"), &Value::Null).await.map(drop)
    }

    /// Every message id in the streams of the events, by its stream and sequence.
    pub(crate) async fn stored(&self) -> Outcome<BTreeMap<(&'static str, u64), String>> {
        let mut all = BTreeMap::new();
        for stream in STREAMS {
            let info = self.ask(&format!("STREAM.INFO.{stream}"), &Value::Null).await?;
            let place = |name: &str| info["state"][name].as_u64().unwrap_or_default();
            // One that lost everything has a first of 0.
            let messages = stream::iter(place("first_seq").max(1)..=place("last_seq"))
                .map(|sequence| self.message_id(stream, sequence))
                .buffer_unordered(AT_ONCE)
                .try_filter_map(|found| std::future::ready(Ok(found)));
            let messages: Vec<(u64, String)> = messages.try_collect().await?;
            all.extend(messages.into_iter().map(|(sequence, id)| ((stream, sequence), id)));
        }
        Ok(all)
    }

    /// A connection of the runtime with all permissions, to read what only it knows how to read.
    pub(crate) async fn bus(&self) -> Outcome<Tidings> {
        let config = Config::new(self.urls.join(",")).user("root", "root");
        Ok(Tidings::connect(config).await?)
    }

    async fn message_id(&self, stream: &str, sequence: u64) -> Outcome<Option<(u64, String)>> {
        let method = format!("STREAM.MSG.GET.{stream}");
        let answer = self.ask(&method, &json!({ "seq": sequence })).await?;
        if answer["error"]["err_code"] == NO_MESSAGE {
            return Ok(None);
        }
        let headers = answer["message"]["hdrs"].as_str().unwrap_or_default();
        // Some of them are malformed.
        let headers = String::from_utf8_lossy(&BASE64_STANDARD.decode(headers)?).into_owned();
        let id = headers.split("\r\n").find_map(|line| line.strip_prefix("Nats-Msg-Id: "));
        let id = id.ok_or_else(|| format!("message {sequence} has no id: {answer}"))?;
        Ok(Some((sequence, id.to_owned())))
    }

    /// Asks until there is an answer that is not about the moment.
    async fn ask(&self, method: &str, request: &Value) -> Outcome<Value> {
        let mut tries = 1;
        loop {
            let answer = tokio::time::timeout(ANSWER, self.once(method, request)).await;
            let passing = match answer {
                Ok(Ok(answer)) if answer["error"]["code"] == 503 => answer.to_string(),
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => error.to_string(),
                Err(_) => format!("no answer within {ANSWER:?}"),
            };
            if tries == TRIES {
                return Err(format!("{method}: {passing}").into());
            }
            tries += 1;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn once(&self, method: &str, request: &Value) -> Outcome<Value> {
        let body = if request.is_null() { String::new() } else { request.to_string() };
        let answer = self.client.request(format!("$JS.API.{method}"), body.into()).await?;
        Ok(serde_json::from_slice(&answer.payload)?)
    }
}
