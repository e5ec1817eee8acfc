use std::path::PathBuf;
use std::time::Duration;

use crate::ParsePrefixError;
use crate::topology::ParsePolicyError;

/// The environment does not say how to connect.
///
/// ```no_run
/// use tidings::{Config, ConfigError};
///
/// match Config::from_env() {
///     Err(ConfigError::Unreadable { variable, path, .. }) => eprintln!("{variable}: mount {}", path.display()),
///     Err(error) => eprintln!("{error}"), // names the variable, and what to write
///     Ok(config) => drop(config),
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Two ways to log on.
    #[error("`{first}` and `{second}` are both set: there can be one way to log on")]
    Ambiguous {
        /// A variable.
        first: &'static str,
        /// Another.
        second: &'static str,
    },
    /// Half of a pair.
    #[error("`{set}` is set and `{missing}` is not: they go together")]
    Incomplete {
        /// The variable that is set.
        set: &'static str,
        /// The variable that is missing.
        missing: &'static str,
    },
    /// A file cannot be read.
    #[error("the file `{}` of `{variable}` cannot be read", path.display())]
    Unreadable {
        /// The variable that names the file.
        variable: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not a policy.
    #[error("`TIDINGS_TOPOLOGY`: {0}")]
    Policy(ParsePolicyError),
    /// Neither on nor off.
    #[error("`{variable}`: `{word}` is neither `on` nor `off`")]
    Switch {
        /// The variable.
        variable: &'static str,
        /// What it says.
        word: String,
    },
    /// Not a prefix.
    #[error("`TIDINGS_PREFIX`: {0}")]
    Prefix(ParsePrefixError),
}

impl From<ParsePrefixError> for ConfigError {
    fn from(error: ParsePrefixError) -> Self {
        Self::Prefix(error)
    }
}

impl From<ParsePolicyError> for ConfigError {
    fn from(error: ParsePolicyError) -> Self {
        Self::Policy(error)
    }
}

/// No connection came about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The server does not accept these credentials.
    #[error(
        "{servers} refused the credentials: check the user and password, token, nkey or credentials file"
    )]
    Unauthorized {
        /// The servers, without passwords.
        servers: String,
    },
    /// Nobody answers.
    #[error("no NATS server answers at {servers}: {reason}")]
    Unreachable {
        /// The servers, without passwords.
        servers: String,
        /// The chain of causes.
        reason: String,
    },
    /// The handshake took too long.
    #[error("no connection to {servers} within {after:?}")]
    TimedOut {
        /// The servers, without passwords.
        servers: String,
        /// The limit.
        after: Duration,
    },
    /// Not an address.
    #[error("`{address}` is not the address of a server: {reason}")]
    Address {
        /// What was given, without a password.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Not what subjects can begin with.
    #[error(
        "`{prefix}` cannot be the prefix of inboxes: one or more words with a dot between them, without wildcards"
    )]
    InboxPrefix {
        /// What was given.
        prefix: String,
    },
    /// The seed is none of an nkey.
    #[error("the seed of the nkey cannot be used: {reason}")]
    Seed {
        /// Why not.
        reason: String,
    },
    /// The file with the credentials cannot be used.
    #[error("the credentials file `{}` cannot be used: {reason}", path.display())]
    Credentials {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}
