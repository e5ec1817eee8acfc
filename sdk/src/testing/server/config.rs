//! What a test server is configured with: the parts that tests vary, and any other text.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

/// The configuration of a [`NatsServer`](super::NatsServer). JetStream, a free port and a store of its own it has anyway;
/// its streams may reserve as much as they like, however full the disk is.
///
/// ```
/// use tidings::testing::ServerConfig;
///
/// let config = ServerConfig::default()
///     .user("billing", "secret")
///     .jetstream("sync_interval: always")
///     .text("max_payload: 64KB");
/// ```
///
/// Everything else that tests vary:
///
/// ```
/// use std::time::Duration;
///
/// use tidings::testing::ServerConfig;
///
/// let with_token = ServerConfig::default().token("s3cret").program("/opt/nats-server-2.10/nats-server");
/// let with_key = ServerConfig::default().nkey("UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4");
/// let in_no_hurry = ServerConfig::default().lame_duck(Duration::from_secs(5), Duration::from_secs(60));
///
/// fn mutual_tls(certificate: &str, key: &str, authority: &str) -> ServerConfig {
///     ServerConfig::default().tls(certificate, key).client_ca(authority)
/// }
/// # let _ = (with_token, with_key, in_no_hurry, mutual_tls);
/// ```
#[derive(Clone, Debug)]
pub struct ServerConfig {
    program: Option<PathBuf>,
    users: Vec<String>,
    token: Option<String>,
    certificate: Option<(String, String)>,
    client_ca: Option<String>,
    lame_duck: (Duration, Duration),
    jetstream: String,
    text: String,
}

impl Default for ServerConfig {
    /// Everyone may do everything, unencrypted.
    fn default() -> Self {
        Self {
            program: None,
            users: Vec::new(),
            token: None,
            certificate: None,
            client_ca: None,
            lame_duck: (Duration::from_secs(1), Duration::from_secs(30)),
            jetstream: String::new(),
            text: String::new(),
        }
    }
}

impl ServerConfig {
    /// The `nats-server` to run, instead of the one that the environment gives.
    #[must_use]
    pub fn program(mut self, path: impl Into<PathBuf>) -> Self {
        self.program = Some(path.into());
        self
    }

    /// Adds a user who may do everything. The first user or key ends anonymous access.
    #[must_use]
    pub fn user(mut self, name: &str, password: &str) -> Self {
        self.users.push(format!("user: {}, password: {}", quoted(name), quoted(password)));
        self
    }

    /// Adds a user who proves to hold an NKey; `public` is its public half, `U…`.
    #[must_use]
    pub fn nkey(mut self, public: &str) -> Self {
        self.users.push(format!("nkey: {}", quoted(public)));
        self
    }

    /// Lets in who knows the token. A server takes either a token or users.
    #[must_use]
    pub fn token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// Encrypts connections with this certificate and key, both PEM.
    #[must_use]
    pub fn tls(mut self, certificate: &str, key: &str) -> Self {
        self.certificate = Some((certificate.to_owned(), key.to_owned()));
        self
    }

    /// Beside [`tls`](Self::tls): asks clients for a certificate that this authority (PEM) has signed.
    #[must_use]
    pub fn client_ca(mut self, authority: &str) -> Self {
        self.client_ca = Some(authority.to_owned());
        self
    }

    /// How a lame duck leaves: the first client is closed after `grace`, the last one at `duration`, which the server
    /// wants to be 30 s or more. By default 1 s and 30 s; a single client is closed after `grace`.
    #[must_use]
    pub fn lame_duck(mut self, grace: Duration, duration: Duration) -> Self {
        self.lame_duck = (grace, duration);
        self
    }

    /// Adds lines to the [`jetstream` block], which may say anything but `store_dir`.
    ///
    /// [`jetstream` block]: https://docs.nats.io/running-a-nats-service/configuration#jetstream
    #[must_use]
    pub fn jetstream(mut self, lines: &str) -> Self {
        self.jetstream.push_str(lines);
        self.jetstream.push('\n');
        self
    }

    /// Adds lines of the [server's configuration language], for everything that has no method here.
    ///
    /// [server's configuration language]: https://docs.nats.io/running-a-nats-service/configuration
    #[must_use]
    pub fn text(mut self, lines: &str) -> Self {
        self.text.push_str(lines);
        self.text.push('\n');
        self
    }

    /// The program asked for, if one was.
    pub(super) fn chosen_program(&self) -> Option<&Path> {
        self.program.as_deref()
    }

    /// Writes the configuration to `file`, after the lines of `identity`, and the certificates that it names beside it.
    pub(super) fn write(&self, file: &Path, identity: &str) -> io::Result<()> {
        let text = format!("{identity}{}", self.render(file.parent().unwrap_or(file))?);
        fs::write(file, text)
    }

    fn render(&self, folder: &Path) -> io::Result<String> {
        let (grace, duration) = self.lame_duck;
        if speaks_of_jetstream(&self.text) {
            // It would replace the block, and with it the folder that is the server's own.
            let message = "lines for the `jetstream` block belong into `ServerConfig::jetstream`";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        // By default the server lets streams reserve three quarters of what the disk has free.
        let mut text = format!(
            "jetstream {{\nstore_dir: store\nmax_file_store: 1TB\n{}}}\n\
             lame_duck_grace_period: \"{}ms\"\nlame_duck_duration: \"{}ms\"\n",
            self.jetstream,
            grace.as_millis(),
            duration.as_millis()
        );
        if let Some(token) = &self.token {
            let _ = writeln!(text, "authorization {{ token: {} }}", quoted(token));
        }
        if !self.users.is_empty() {
            let _ = writeln!(
                text,
                "authorization {{ users: [ {{ {} }} ] }}",
                self.users.join(" }, { ")
            );
        }
        if let Some((certificate, key)) = &self.certificate {
            let file = |name: &str, pem: &str| {
                let path = folder.join(name);
                fs::write(&path, pem).map(|()| quoted(&path.to_string_lossy()))
            };
            let certificate = file("certificate.pem", certificate)?;
            let key = file("key.pem", key)?;
            let _ = write!(text, "tls {{ cert_file: {certificate}, key_file: {key}");
            if let Some(authority) = &self.client_ca {
                let authority = file("client-ca.pem", authority)?;
                let _ = write!(text, ", ca_file: {authority}, verify: true");
            }
            text.push_str(" }\n");
        }
        text.push_str(&self.text);
        Ok(text)
    }
}

/// Whether lines of the configuration say something of JetStream outside of all blocks.
fn speaks_of_jetstream(lines: &str) -> bool {
    let mut depth = 0;
    lines.lines().any(|line| {
        let speaks = depth == 0 && line.trim_start().starts_with("jetstream");
        depth += line.matches('{').count() as isize - line.matches('}').count() as isize;
        speaks
    })
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
