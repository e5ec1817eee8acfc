use std::path::PathBuf;

use super::{Config, ConfigError};

/// Where a server listens unless `NATS_URL` says otherwise.
const DEFAULT_URL: &str = "nats://127.0.0.1:4222";

impl Config {
    /// Reads the variables of the `nats` tool: `NATS_URL` (default `nats://127.0.0.1:4222`), one of `NATS_USER` with
    /// `NATS_PASSWORD`, `NATS_TOKEN`, `NATS_CREDS` (a file) and `NATS_NKEY` (a file with a seed, or the seed), and
    /// `NATS_CA`, `NATS_CERT` with `NATS_KEY` (PEM files), `NATS_INBOX_PREFIX`. `NATS_PASSWORD_FILE` and `NATS_TOKEN_FILE` name
    /// files with a password or token. Files are read with each connection. `TIDINGS_ENV` names the environment; `TIDINGS_TOPOLOGY` says
    /// what is done about streams at the start: `ensure`, `verify` or `off`; `TIDINGS_PREFIX` is the [prefix](Self::prefix);
    /// `TIDINGS_GROUP_COMMIT` says `on` or `off` to [group commit](Self::group_commit).
    ///
    /// # Errors
    /// Two ways to log on at once, half of a pair, a file that cannot be read, or a word that says nothing.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    pub(super) fn from_variables(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let get = |name: &str| variable(name).filter(|value| !value.is_empty());
        let mut config = Self::new(get("NATS_URL").as_deref().unwrap_or(DEFAULT_URL));

        one_of(get, &["NATS_USER", "NATS_TOKEN", "NATS_TOKEN_FILE", "NATS_CREDS", "NATS_NKEY"])?;
        one_of(get, &["NATS_PASSWORD", "NATS_PASSWORD_FILE"])?;
        config = match get("NATS_PASSWORD_FILE") {
            Some(path) => match get("NATS_USER") {
                Some(user) => config.password_file(user, readable("NATS_PASSWORD_FILE", path)?),
                None => {
                    let (set, missing) = ("NATS_PASSWORD_FILE", "NATS_USER");
                    return Err(ConfigError::Incomplete { set, missing });
                }
            },
            None => match pair(get, "NATS_USER", "NATS_PASSWORD")? {
                Some((user, password)) => config.user(user, password),
                None => config,
            },
        };
        if let Some(token) = get("NATS_TOKEN") {
            config = config.token(token);
        }
        if let Some(path) = get("NATS_TOKEN_FILE") {
            config = config.token_file(readable("NATS_TOKEN_FILE", path)?);
        }
        if let Some(path) = get("NATS_CREDS") {
            config = config.credentials(path);
        }
        if let Some(nkey) = get("NATS_NKEY") {
            config = match is_seed(&nkey) {
                true => config.nkey(nkey),
                false => config.nkey_file(readable("NATS_NKEY", nkey)?),
            };
        }
        if let Some(prefix) = get("NATS_INBOX_PREFIX") {
            config = config.inbox_prefix(prefix);
        }
        if let Some(path) = get("NATS_CA") {
            config = config.ca(path);
        }
        if let Some((certificate, key)) = pair(get, "NATS_CERT", "NATS_KEY")? {
            config = config.client_certificate(certificate, key);
        }
        if let Some(environment) = get("TIDINGS_ENV") {
            config = config.environment(environment);
        }
        if let Some(word) = get("TIDINGS_TOPOLOGY") {
            config = config.topology(word.parse()?);
        }
        if let Some(word) = get("TIDINGS_PREFIX") {
            config = config.prefix(word.parse()?);
        }
        if let Some(word) = get("TIDINGS_GROUP_COMMIT") {
            config = config.group_commit(switch("TIDINGS_GROUP_COMMIT", word)?);
        }
        Ok(config)
    }
}

/// Both of two variables that need each other, or neither.
fn pair(
    get: impl Fn(&str) -> Option<String>,
    first: &'static str,
    second: &'static str,
) -> Result<Option<(String, String)>, ConfigError> {
    match (get(first), get(second)) {
        (Some(one), Some(two)) => Ok(Some((one, two))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(ConfigError::Incomplete { set: first, missing: second }),
        (None, Some(_)) => Err(ConfigError::Incomplete { set: second, missing: first }),
    }
}

/// Of variables that say the same, one alone.
fn one_of(get: impl Fn(&str) -> Option<String>, names: &[&'static str]) -> Result<(), ConfigError> {
    let set: Vec<&'static str> = names.iter().copied().filter(|name| get(name).is_some()).collect();
    match set[..] {
        [first, second, ..] => Err(ConfigError::Ambiguous { first, second }),
        _ => Ok(()),
    }
}

/// `on` or `off`.
fn switch(variable: &'static str, word: String) -> Result<bool, ConfigError> {
    match word.as_str() {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(ConfigError::Switch { variable, word }),
    }
}

/// Whether it is the seed itself, and not the file that holds it.
fn is_seed(value: &str) -> bool {
    value.starts_with("SU") && !value.contains(['/', '.'])
}

/// The file of a variable, which is read later, if it can be read now.
fn readable(variable: &'static str, path: String) -> Result<PathBuf, ConfigError> {
    let path = PathBuf::from(path);
    match std::fs::read_to_string(&path) {
        Ok(_) => Ok(path),
        Err(source) => Err(ConfigError::Unreadable { variable, path, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Auth, Secret};
    use crate::topology::Policy;

    fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_variables(|name| {
            variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn variables_become_configuration() {
        let config = read(&[("NATS_URL", "nats://a,nats://b"), ("NATS_TOKEN", "t")]);
        let config = config.expect("complete");
        assert_eq!(config.servers, ["nats://a", "nats://b"]);
        assert!(matches!(config.auth, Auth::Token(Secret::Value(token)) if token == "t"));
        let inbox = read(&[("NATS_INBOX_PREFIX", "_INBOX_billing")]).expect("set").inbox_prefix;
        assert_eq!(inbox.as_deref(), Some("_INBOX_billing"));
        assert_eq!(read(&[]).expect("defaults").servers, [DEFAULT_URL]);
        assert_eq!(read(&[("TIDINGS_ENV", "production")]).expect("set").environment, "production");
        assert_eq!(read(&[("TIDINGS_TOPOLOGY", "off")]).expect("set").topology, Policy::Off);
        let prefix = read(&[("TIDINGS_PREFIX", "team-7")]).expect("set").prefix;
        assert_eq!(prefix.as_ref().map(crate::Prefix::as_str), Some("team-7"));
        for (word, on) in [("on", true), ("off", false)] {
            assert_eq!(read(&[("TIDINGS_GROUP_COMMIT", word)]).expect("set").group_commit, on);
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_name() {
        for (variables, words) in [
            (&[("NATS_USER", "ann")][..], "NATS_PASSWORD"),
            (&[("NATS_CERT", "c.pem")], "NATS_KEY"),
            (&[("NATS_TOKEN", "t"), ("NATS_CREDS", "c")], "NATS_CREDS"),
            (&[("NATS_NKEY", "/does/not/exist")], "NATS_NKEY"),
            (&[("NATS_TOKEN_FILE", "/does/not/exist")], "NATS_TOKEN_FILE"),
            (&[("NATS_PASSWORD_FILE", "/does/not/exist")], "NATS_USER"),
            (
                &[("NATS_USER", "a"), ("NATS_PASSWORD_FILE", "/does/not/exist")],
                "NATS_PASSWORD_FILE",
            ),
            (&[("NATS_PASSWORD", "a"), ("NATS_PASSWORD_FILE", "b")], "NATS_PASSWORD_FILE"),
            (&[("TIDINGS_PREFIX", "Staging")], "`TIDINGS_PREFIX`: `Staging` is no prefix"),
            (&[("TIDINGS_TOPOLOGY", "maybe")], "`ensure`, `verify` and `off`"),
            (&[("TIDINGS_GROUP_COMMIT", "yes")], "`TIDINGS_GROUP_COMMIT`: `yes` is neither"),
        ] {
            let error = read(variables).expect_err("not a configuration").to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
