use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Postgres;

/// A way to a PostgreSQL server on which connections can die without a word: nothing is closed, and nothing arrives any more.
#[derive(Debug)]
pub struct Wire {
    folder: TempDir,
    state: Arc<State>,
    listening: JoinHandle<()>,
}

#[derive(Debug)]
struct State {
    server: PathBuf,
    /// Counts the cuts: connections that were there before one are dead.
    cuts: watch::Sender<u64>,
    /// When the client says this, what it is said on is cut before the answer, and all others are.
    after: Mutex<Option<&'static str>>,
    refuses: Mutex<bool>,
}

impl Wire {
    /// A way to this server.
    ///
    /// # Errors
    /// There is no place for its socket.
    pub async fn to(server: &Postgres) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("wire-").tempdir()?;
        let listener = UnixListener::bind(folder.path().join(SOCKET))?;
        let state = Arc::new(State {
            server: server.folder().join(SOCKET),
            cuts: watch::Sender::new(0),
            after: Mutex::default(),
            refuses: Mutex::default(),
        });
        let listening = tokio::spawn(listen(listener, Arc::clone(&state)));
        Ok(Self { folder, state, listening })
    }

    /// Where to connect.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@localhost/postgres?host={}", self.folder.path().display())
    }

    /// All connections that there are die. New ones live.
    pub fn cut(&self) {
        self.state.cut();
    }

    /// The same, once a client has said this and before it hears the answer.
    pub fn cut_after(&self, words: &'static str) {
        *self.state.after.lock().unwrap_or_else(PoisonError::into_inner) = Some(words);
    }

    /// Whether it was cut.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        *self.state.cuts.borrow() > 0
    }

    /// New connections are closed at once.
    pub fn refuse(&self) {
        *self.state.refuses.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// What PostgreSQL calls its socket.
const SOCKET: &str = ".s.PGSQL.5432";

impl State {
    fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Whether what a client has said ends its connection.
    fn ends(&self, said: &[u8]) -> bool {
        let mut after = self.after.lock().unwrap_or_else(PoisonError::into_inner);
        let ends = after.is_some_and(|words| {
            said.windows(words.len()).any(|window| window == words.as_bytes())
        });
        if ends {
            *after = None;
        }
        ends
    }
}

async fn listen(listener: UnixListener, state: Arc<State>) {
    while let Ok((client, _)) = listener.accept().await {
        if *state.refuses.lock().unwrap_or_else(PoisonError::into_inner) {
            continue;
        }
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            // It is over when either side ends.
            let _ = carry(client, &state).await;
        });
    }
}

async fn carry(mut client: UnixStream, state: &State) -> io::Result<()> {
    let mut server = UnixStream::connect(&state.server).await?;
    let mut cut = state.cuts.subscribe();
    let (mut said, mut answered) = (vec![0; 16 << 10], vec![0; 16 << 10]);
    loop {
        tokio::select! {
            biased;
            _ = cut.changed() => std::future::pending().await,
            count = client.read(&mut said) => {
                let said = &said[..count?];
                if said.is_empty() {
                    return Ok(());
                }
                server.write_all(said).await?;
                if state.ends(said) {
                    state.cut();
                }
            }
            count = server.read(&mut answered) => {
                let answered = &answered[..count?];
                if answered.is_empty() {
                    return Ok(());
                }
                client.write_all(answered).await?;
            }
        }
    }
}
