use serde_json::{Map, Value};

use super::TopologyError;
use crate::broker::Carrier;
use crate::broker::jetstream::{Creation, JetStream, StreamInfo};
use crate::{BrokerError, Tidings, resilience::retry};

/// Streams that no catalog describes, by JetStream's own names of settings. What they are called is what they are called on the
/// server, whatever the [prefix](crate::Config::prefix).
///
/// ```no_run
/// # async fn keep(bus: tidings::Tidings) -> Result<(), Box<dyn std::error::Error>> {
/// use serde_json::json;
///
/// let streams = bus.streams()?;
/// let audit = streams.create("AUDIT", &json!({ "subjects": ["audit.>"], "max_age": 0 })).await?;
/// assert_eq!(audit.messages, 0);
/// streams.change("AUDIT", &json!({ "max_msgs": 1_000_000 })).await?; // and nothing else
/// # Ok(())
/// # }
/// ```
///
/// ```no_run
/// # async fn example(bus: tidings::Tidings) -> Result<(), Box<dyn std::error::Error>> {
/// # let streams = bus.streams()?;
/// for stream in streams.list().await? {
///     println!("{} holds {} messages, {:?}", stream.name, stream.messages, stream.settings.get("max_age"));
/// }
/// if streams.info("AUDIT").await?.is_some() {
///     streams.delete("AUDIT").await?; // with all that it holds
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Streams {
    server: JetStream,
}

/// A stream as its server describes it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StreamState {
    /// Its name.
    pub name: String,
    /// Its settings, those of a newer server among them.
    pub settings: Map<String, Value>,
    /// How many messages it holds.
    pub messages: u64,
    /// The sequence of the last message that it has taken, 0 for none.
    pub last: u64,
}

impl Tidings {
    /// Creates, changes, deletes and lists streams that no catalog describes; see [`Streams`].
    ///
    /// # Errors
    /// It is the embedded broker.
    pub fn streams(&self) -> Result<Streams, TopologyError> {
        match self.broker().carrier() {
            Carrier::JetStream(server) => Ok(Streams { server: server.clone() }),
            Carrier::Embedded(_) => Err(TopologyError::Embedded),
        }
    }
}

impl Streams {
    /// Every stream of the account.
    ///
    /// # Errors
    /// The server does not answer, or may not be asked.
    pub async fn list(&self) -> Result<Vec<StreamState>, BrokerError> {
        let all = retry::reaching(|| self.server.all_streams()).await?;
        Ok(all.into_iter().map(StreamState::of).collect())
    }

    /// A stream, if it exists.
    ///
    /// # Errors
    /// Not the name of a stream, or as for [`list`](Self::list).
    pub async fn info(&self, name: &str) -> Result<Option<StreamState>, BrokerError> {
        check(name)?;
        let info = retry::reaching(|| self.server.stream_info(name)).await?;
        Ok(info.map(StreamState::of))
    }

    /// Creates a stream; the same again changes nothing.
    ///
    /// # Errors
    /// The server refuses it, for one because it exists with other settings; else as for [`info`](Self::info).
    pub async fn create(&self, name: &str, settings: &Value) -> Result<StreamState, BrokerError> {
        check(name)?;
        let mut all = fields(settings)?;
        all.insert("name".to_owned(), name.into());
        match retry::reaching(|| self.server.create_stream(all.clone())).await? {
            Creation::Created => self.existing(name).await,
            Creation::Anticipated => Err(BrokerError::Refused {
                code: 10058,
                description: format!("the stream `{name}` exists, with other settings"),
            }),
        }
    }

    /// Changes these settings of a stream, and leaves all others as they are.
    ///
    /// # Errors
    /// The stream does not exist, or the server refuses the change; else as for [`info`](Self::info).
    pub async fn change(&self, name: &str, settings: &Value) -> Result<StreamState, BrokerError> {
        let mut all = self.existing(name).await?.settings;
        all.extend(fields(settings)?);
        retry::reaching(|| self.server.update_stream(all.clone())).await?;
        self.existing(name).await
    }

    /// Deletes a stream with all that it holds; nothing is wrong where it is gone.
    ///
    /// # Errors
    /// As for [`info`](Self::info).
    pub async fn delete(&self, name: &str) -> Result<(), BrokerError> {
        check(name)?;
        retry::reaching(|| self.server.delete_stream(name)).await
    }

    async fn existing(&self, name: &str) -> Result<StreamState, BrokerError> {
        self.info(name).await?.ok_or_else(|| BrokerError::StreamMissing(name.to_owned()))
    }
}

impl StreamState {
    fn of(info: StreamInfo) -> Self {
        let name = info.name().to_owned();
        Self { name, settings: info.settings, messages: info.messages, last: info.last }
    }
}

/// A name becomes part of a subject.
fn check(name: &str) -> Result<(), BrokerError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !name.is_empty() && name.bytes().all(fits) {
        return Ok(());
    }
    let description =
        format!("`{name}` is not the name of a stream: ASCII letters, digits, `-` and `_`");
    Err(BrokerError::Refused { code: 0, description })
}

fn fields(settings: &Value) -> Result<Map<String, Value>, BrokerError> {
    settings.as_object().cloned().ok_or_else(|| BrokerError::Refused {
        code: 0,
        description: "the settings of a stream are a JSON object".to_owned(),
    })
}
