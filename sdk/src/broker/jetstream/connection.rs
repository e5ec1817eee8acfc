//! Connecting, staying connected, and knowing which of the two it is.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_nats::{
    Client, ClientError, ConnectErrorKind, ConnectOptions, Event, ServerAddr, ServerError,
};
use tidings_payload::Prefix;
use tokio::sync::{broadcast, watch};

use super::waiting::{OnItsWay, Waiting};
use super::{ANSWER, Inner, JetStream, logon, permission};
use crate::broker::{BrokerError, ConnectionState};
use crate::config::{self, Config, ConnectError};
use crate::contract::subject::check_token;

/// A half-open connection is noticed after three of these.
const PING: Duration = Duration::from_secs(5);
/// No reconnect waits longer, so that a server that is back is found soon.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// No attempt to connect follows: the client library has no other way to make it give up.
const NEVER: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
/// Refusals in a row, on the way back to a server, after which the credentials are no longer good; and after which they
/// are not, where they are read from a file that somebody may be about to renew. That is some five minutes.
const REFUSALS: u32 = 20;
const REFUSALS_OF_FILES: u32 = 300;
/// How long closing may take to hand over what is buffered.
const CLOSING: Duration = Duration::from_secs(10);

/// What the client library reports about the connection, kept for whoever asks.
#[derive(Clone, Debug)]
pub(crate) struct Connection(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: watch::Sender<ConnectionState>,
    waiting: Waiting,
    denied: broadcast::Sender<Arc<str>>,
    /// What the subjects of answers begin with.
    inbox: Box<str>,
    /// The service whose permissions the connection has, as far as its inbox tells.
    service: Option<Box<str>>,
    /// What stands before the names of the catalog, so that a denial is told with those.
    prefix: Option<Prefix>,
    connections: AtomicU64,
    refusals: AtomicU32,
    last_refusal: u32,
}

impl Connection {
    fn new(config: &Config) -> Self {
        let inbox = config.inbox_prefix.as_deref();
        let service = inbox.and_then(|inbox| inbox.strip_prefix("_INBOX_"));
        let service = match &config.prefix {
            Some(prefix) => service.and_then(|user| prefix.user_of(user)),
            None => service,
        };
        Self(Arc::new(Shared {
            prefix: config.prefix.clone(),
            inbox: inbox.unwrap_or(config::INBOX).into(),
            service: service.map(Into::into),
            last_refusal: match config.auth.file() {
                Some(_) => REFUSALS_OF_FILES,
                None => REFUSALS,
            },
            state: watch::Sender::new(ConnectionState::Disconnected),
            waiting: Waiting::new(),
            denied: broadcast::Sender::new(64),
            connections: AtomicU64::new(0),
            refusals: AtomicU32::new(0),
        }))
    }

    /// The state now and every change of it.
    pub(crate) fn state(&self) -> watch::Receiver<ConnectionState> {
        self.0.state.subscribe()
    }

    /// Who waits for answers.
    pub(super) fn waiting(&self) -> &Waiting {
        &self.0.waiting
    }

    /// Before something is published that is not answered: whether it is denied.
    pub(super) fn begin(&self, subject: &str) -> OnItsWay {
        self.0.waiting.watch(subject, ANSWER)
    }

    /// Permission denials from now on. The server reports them beside the connection, not to the request.
    pub(super) fn denials(&self) -> Denials {
        Denials(self.0.denied.subscribe())
    }

    /// The state now.
    pub(crate) fn now(&self) -> ConnectionState {
        *self.0.state.borrow()
    }

    /// The connection that stands, or the next one, if it comes in time.
    pub(super) async fn up(&self, patience: Duration) -> Result<ConnectionState, BrokerError> {
        match self.now() {
            ConnectionState::Closed => return Err(BrokerError::Closed),
            ConnectionState::Disconnected => {}
            connected => return Ok(connected),
        }
        let mut state = self.state();
        let up = state.wait_for(|state| *state != ConnectionState::Disconnected);
        match tokio::time::timeout(patience, up).await.map(|up| up.map(|state| *state)) {
            Ok(Ok(ConnectionState::Closed) | Err(_)) => Err(BrokerError::Closed),
            Ok(Ok(state)) => Ok(state),
            Err(_) => Err(BrokerError::Unavailable(format!("no connection for {patience:?}"))),
        }
    }

    /// Returns once this connection is lost.
    pub(super) async fn lost_since(&self, connection: ConnectionState) -> BrokerError {
        let mut state = self.state();
        match state.wait_for(|state| *state != connection).await.map(|state| *state) {
            Ok(ConnectionState::Closed) | Err(_) => BrokerError::Closed,
            Ok(_) => BrokerError::Unavailable("the connection was lost".into()),
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.now() == ConnectionState::Closed
    }

    pub(super) async fn close(&self, client: &Client) -> Result<(), BrokerError> {
        let mut state = self.state();
        if self.is_closed() {
            return Ok(());
        }
        if self.now() == ConnectionState::Disconnected {
            self.set(ConnectionState::Closed);
            return Err(BrokerError::Unavailable("closed while disconnected".into()));
        }
        // `drain` returns at once; only the event tells that everything was written.
        let drained = async {
            self.0.waiting.flushed().await;
            client.drain().await.map_err(|error| BrokerError::Unavailable(error.to_string()))?;
            let _ = state.wait_for(|state| *state == ConnectionState::Closed).await;
            Ok(())
        };
        tokio::time::timeout(CLOSING, drained).await.unwrap_or(Err(BrokerError::TimedOut(CLOSING)))
    }

    /// A closed connection stays closed, whatever is reported late. Nobody looks for a server any more then.
    pub(super) fn set(&self, new: ConnectionState) {
        let mut ended = None;
        self.0.state.send_if_modified(|state| {
            let changes = *state != ConnectionState::Closed && *state != new;
            if changes {
                // Before anybody can know of it.
                ended = Some(self.0.waiting.moved(new));
                *state = new;
            }
            changes
        });
        drop(ended);
    }

    /// A server refused the credentials that it, or another, once took.
    fn refused(&self) {
        let refusals = self.0.refusals.fetch_add(1, Ordering::Relaxed) + 1;
        tracing::warn!(refusals, "NATS refuses the credentials");
        if refusals >= self.0.last_refusal {
            tracing::error!("NATS goes on refusing the credentials; the connection is given up");
            self.set(ConnectionState::Closed);
        }
    }

    fn on_event(&self, event: &Event) {
        match event {
            Event::Connected => {
                let count = self.0.connections.fetch_add(1, Ordering::Relaxed) + 1;
                self.0.refusals.store(0, Ordering::Relaxed);
                self.set(ConnectionState::Connected(count));
                tracing::info!("connected to NATS");
            }
            Event::ClientError(ClientError::Other(words)) if is_refusal(words) => self.refused(),
            Event::Disconnected => {
                self.set(ConnectionState::Disconnected);
                tracing::warn!("disconnected from NATS; reconnecting");
            }
            Event::Closed => self.set(ConnectionState::Closed),
            Event::ServerError(ServerError::Other(words)) if words.contains("ermissions") => {
                let denial = permission::Denial::read(words, &self.0.inbox, self.0.prefix.as_ref());
                let words = denial.explained(words, self.0.service.as_deref());
                tracing::error!(reason = words, "NATS denied a permission");
                if denial.is_of_publish() {
                    self.0.waiting.denied(&words);
                } else if denial.is_of_answers() {
                    self.0.waiting.deafened(&words);
                }
                let _ = self.0.denied.send(words.into());
            }
            other => tracing::warn!(event = %other, "NATS connection"),
        }
    }
}

/// Permission denials, matched to the subject that somebody waits on.
#[derive(Debug)]
pub(super) struct Denials(broadcast::Receiver<Arc<str>>);

impl Denials {
    /// Returns once listening to this subject is denied.
    pub(super) async fn of_subscription(&mut self, subject: &str) -> BrokerError {
        let meant = format!("for Subscription to \"{subject}\"");
        self.with(|words| words.contains(&meant)).await
    }

    /// Returns once publishing or subscribing to one of these is denied.
    pub(super) async fn of(&mut self, subjects: &[&str]) -> BrokerError {
        let quoted = |words: &str, subject: &str| {
            words.match_indices(subject).any(|(at, _)| {
                words[..at].ends_with('"') && words[at + subject.len()..].starts_with('"')
            })
        };
        self.with(|words| subjects.iter().any(|subject| quoted(words, subject))).await
    }

    async fn with(&mut self, meant: impl Fn(&str) -> bool) -> BrokerError {
        loop {
            match self.0.recv().await {
                Ok(words) if meant(&words) => return BrokerError::Denied(words.to_string()),
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

/// Connects; later losses of the connection are mended without a word from the caller.
pub(crate) async fn connect(config: &Config) -> Result<JetStream, ConnectError> {
    let connection = Connection::new(config);
    let (client, signs) = start(config, &connection).await?;

    if !config.lazy {
        // The event arrives on its own task; whoever connected may rely on the state at once.
        let mut state = connection.state();
        let connected = state.wait_for(|state| matches!(state, ConnectionState::Connected(_)));
        let _ = tokio::time::timeout(ANSWER, connected).await;
    }

    let broker = JetStream::new(client, connection.clone());
    // Weak, so that the connection ends with its last user.
    tokio::spawn(attend(broker.downgrade(), connection, config.clone(), signs));
    Ok(broker)
}

/// What is to be known of the client library at work: that its server is about to go, or that it has come back too late.
/// Its end is the library's.
type Signs = watch::Receiver<()>;

/// Starts the client library.
async fn start(config: &Config, connection: &Connection) -> Result<(Client, Signs), ConnectError> {
    let events = connection.clone();
    let waiting = connection.clone();
    let (sign, signs) = watch::channel(());
    let mut options = logon::options(config)
        .await?
        .name(&config.name)
        .ping_interval(PING)
        .connection_timeout(config.connect_timeout)
        .reconnect_delay_callback(move |attempts| match waiting.is_closed() {
            true => NEVER,
            false => reconnect_delay(attempts),
        })
        .event_callback(move |event| {
            let too_late = event == Event::Connected && events.is_closed();
            if too_late || event == Event::LameDuckMode {
                sign.send_replace(());
            }
            events.on_event(&event);
            std::future::ready(())
        });
    if config.lazy {
        options = options.retry_on_initial_connect();
    }
    if let Some(prefix) = &config.inbox_prefix {
        if prefix.split('.').any(|token| check_token(token).is_err()) {
            return Err(ConnectError::InboxPrefix { prefix: prefix.clone() });
        }
        options = options.custom_inbox_prefix(prefix);
    }
    options = secure(options, config);

    let mut servers = Vec::with_capacity(config.servers.len());
    for server in &config.servers {
        let parsed: Result<ServerAddr, _> = server.parse();
        servers.push(parsed.map_err(|error| ConnectError::Address {
            address: config::without_password(server),
            reason: error.to_string(),
        })?);
    }
    let client = options.connect(servers).await.map_err(|error| match error.kind() {
        ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication => {
            ConnectError::Unauthorized { servers: config.servers_for_people() }
        }
        ConnectErrorKind::TimedOut => ConnectError::TimedOut {
            servers: config.servers_for_people(),
            after: config.connect_timeout,
        },
        _ => ConnectError::Unreachable {
            servers: config.servers_for_people(),
            reason: reason(&error),
        },
    })?;
    Ok((client, signs))
}

/// Leaves a server before it goes, and replaces the client library when it dies, which a malformed header that anybody
/// stored can bring about.
async fn attend(broker: Weak<Inner>, connection: Connection, config: Config, mut signs: Signs) {
    loop {
        while signs.changed().await.is_ok() {
            if !connection.is_closed() {
                tokio::time::sleep(Duration::from_millis(fastrand::u64(0..500))).await;
            }
            let Some(inner) = broker.upgrade() else { continue };
            let library = inner.library();
            let _ = match connection.is_closed() {
                true => library.client.drain().await.map_err(drop),
                false => library.client.force_reconnect().await.map_err(drop),
            };
        }
        // Nobody tells of events any more: it was closed, or its last user is gone, or it is dead.
        if broker.strong_count() == 0 || connection.is_closed() {
            connection.set(ConnectionState::Closed);
            return;
        }
        tracing::error!("the NATS client library has ended by a defect of its own; replacing it");
        connection.set(ConnectionState::Disconnected);
        let mut attempts = 0;
        signs = loop {
            tokio::time::sleep(reconnect_delay(attempts)).await;
            attempts += 1;
            let Some(inner) = broker.upgrade().filter(|_| !connection.is_closed()) else {
                connection.set(ConnectionState::Closed);
                return;
            };
            match start(&config, &connection).await {
                Ok((client, _)) if connection.is_closed() => {
                    let _ = client.drain().await;
                    return;
                }
                Ok((client, signs)) => {
                    inner.replace(client);
                    break signs;
                }
                Err(ConnectError::Unauthorized { .. }) => connection.refused(),
                Err(error) => tracing::warn!(%error, "not connected yet"),
            }
        };
    }
}

/// Whether the client library says that a server refused the credentials.
fn is_refusal(words: &str) -> bool {
    [ConnectErrorKind::AuthorizationViolation, ConnectErrorKind::Authentication]
        .iter()
        .any(|kind| words == kind.to_string())
}

/// The whole chain of causes, because the outermost one only says "IO error".
fn reason(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !words.contains(&text) {
            words = format!("{words}: {text}");
        }
        cause = error.source();
    }
    words
}

fn secure(mut options: ConnectOptions, config: &Config) -> ConnectOptions {
    if let Some(path) = &config.tls.ca {
        options = options.add_root_certificates(path.clone()).require_tls(true);
    }
    if let Some((certificate, key)) = &config.tls.client {
        options =
            options.add_client_certificate(certificate.clone(), key.clone()).require_tls(true);
    }
    if config.tls.required {
        options = options.require_tls(true);
    }
    if config.tls.first {
        options = options.tls_first();
    }
    options
}

/// Doubles from 10 ms, varied by half so that many services do not come back at the same moment.
fn reconnect_delay(attempts: usize) -> Duration {
    let doubled = Duration::from_millis(10 << attempts.min(7));
    doubled.min(LONGEST_WAIT).mul_f64(0.5 + 0.5 * fastrand::f64())
}
