use std::fs;
use std::io;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::Signal;
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

use super::server::{self, Server};

/// Where Debian puts its programs, a folder a version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// A PostgreSQL server of one test, with one empty database.
#[derive(Debug)]
pub struct Postgres {
    // Declared before the folder: the process ends before its files go.
    server: Server,
    folder: TempDir,
    user: Option<User>,
}

impl Postgres {
    /// Starts a server.
    ///
    /// # Errors
    /// There is none to start, or it does not answer.
    pub async fn start() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("postgres-").tempdir()?;
        let user = User::other_than_root()?;
        if let Some(user) = user {
            chown(folder.path(), Some(user.id), Some(user.group))?;
        }
        let mut create = command("initdb", user, folder.path());
        create.args(["--pgdata", "data", "--no-sync", "--auth", "trust", "--username", "postgres"]);
        create.args(["--encoding", "UTF8", "--locale", "C"]);
        server::run(&mut create, &folder.path().join("created"))?;
        let server = spawn(folder.path(), user)?;
        let mut postgres = Self { server, folder, user };
        postgres.ready().await?;
        Ok(postgres)
    }

    /// Where to connect: `postgres://postgres@localhost/postgres?host=…`, over a socket.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@localhost/postgres?host={}", self.folder.path().display())
    }

    /// Where its socket is.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends it at once, with all its connections; what was committed is there after a [restart](Self::restart).
    ///
    /// # Errors
    /// The system does not let us.
    pub fn kill(&mut self) -> io::Result<()> {
        self.server.end(Signal::QUIT)
    }

    /// Starts it again, where it was.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn restart(&mut self) -> io::Result<()> {
        self.kill()?;
        self.server = spawn(self.folder.path(), self.user)?;
        self.ready().await
    }

    async fn ready(&mut self) -> io::Result<()> {
        let url = self.url();
        self.server.answers(async || PgConnection::connect(&url).await.is_ok()).await
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Told so, it ends its children too, which a killed one leaves to find out for themselves.
        let _ = self.kill();
    }
}

fn spawn(folder: &Path, user: Option<User>) -> io::Result<Server> {
    let mut postgres = command("postgres", user, folder);
    postgres.arg("-D").arg("data").arg("-k").arg(folder).args(["-h", "", "-F"]);
    for setting in ["shared_buffers=16MB", "max_connections=50", "max_wal_size=256MB"] {
        postgres.args(["-c", setting]);
    }
    Server::spawn(&mut postgres, folder)
}

fn command(program: &str, user: Option<User>, folder: &Path) -> Command {
    let mut command = Command::new(server::program(program, newest()));
    command.current_dir(folder);
    if let Some(user) = user {
        command.uid(user.id).gid(user.group);
    }
    command
}

/// The folders of Debian's versions, the newest first.
fn newest() -> Vec<PathBuf> {
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions.into_iter().map(|(_, folder)| folder).collect()
}

/// Whom the server runs as: it refuses to run as root.
#[derive(Clone, Copy, Debug)]
struct User {
    id: u32,
    group: u32,
}

impl User {
    /// None where we are not root.
    fn other_than_root() -> io::Result<Option<Self>> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let users = fs::read_to_string("/etc/passwd")?;
        let postgres = users.lines().find_map(|line| {
            let mut fields = line.strip_prefix("postgres:")?.split(':').skip(1);
            Some(Self { id: fields.next()?.parse().ok()?, group: fields.next()?.parse().ok()? })
        });
        let missing =
            || io::Error::other("PostgreSQL does not run as root: it takes a user `postgres`");
        postgres.map(Some).ok_or_else(missing)
    }
}
