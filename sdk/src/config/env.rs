use std::path::PathBuf;

use super::{Config, ConfigError};

/// Where a server listens unless `NATS_URL` says otherwise.
const DEFAULT_URL: &str = "nats://127.0.0.1:4222";

impl Config {
    /// Reads the variables of the `nats` tool: `NATS_URL` (default `nats://127.0.0.1:4222`), one of `NATS_USER` with
    /// `NATS_PASSWORD`, `NATS_TOKEN`, `NATS_CREDS` (a file) and `NATS_NKEY` (a file with a seed, or the seed), and
    /// `NATS_CA`, `NATS_CERT` with `NATS_KEY` (PEM files). `TIDINGS_ENV` names the environment; `TIDINGS_TOPOLOGY` says
    /// what is done about streams at the start: `ensure`, `verify` or `off`.
    ///
    /// # Errors
    /// Two ways to log on at once, half of a pair, a file that cannot be read, or a word that says nothing.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let get = |name: &str| variable(name).filter(|value| !value.is_empty());
        let mut config = Self::new(get("NATS_URL").as_deref().unwrap_or(DEFAULT_URL));

        let ways: Vec<&'static str> = ["NATS_USER", "NATS_TOKEN", "NATS_CREDS", "NATS_NKEY"]
            .into_iter()
            .filter(|name| get(name).is_some())
            .collect();
        if let [first, second, ..] = ways[..] {
            return Err(ConfigError::Ambiguous { first, second });
        }
        if let Some((user, password)) = pair(get, "NATS_USER", "NATS_PASSWORD")? {
            config = config.user(user, password);
        }
        if let Some(token) = get("NATS_TOKEN") {
            config = config.token(token);
        }
        if let Some(path) = get("NATS_CREDS") {
            config = config.credentials(path);
        }
        if let Some(nkey) = get("NATS_NKEY") {
            config = config.nkey(seed(nkey)?);
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

/// The seed itself, or the first line of the file that holds it.
fn seed(value: String) -> Result<String, ConfigError> {
    if value.starts_with("SU") && !value.contains(['/', '.']) {
        return Ok(value);
    }
    let path = PathBuf::from(value);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(text.lines().next().unwrap_or_default().trim().to_owned()),
        Err(source) => Err(ConfigError::Unreadable { variable: "NATS_NKEY", path, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Auth;
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
        assert!(matches!(config.auth, Auth::Token(token) if token == "t"));
        assert_eq!(read(&[]).expect("defaults").servers, [DEFAULT_URL]);
        assert_eq!(read(&[("TIDINGS_ENV", "production")]).expect("set").environment, "production");
        assert_eq!(read(&[("TIDINGS_TOPOLOGY", "off")]).expect("set").topology, Policy::Off);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_name() {
        for (variables, words) in [
            (&[("NATS_USER", "ann")][..], "NATS_PASSWORD"),
            (&[("NATS_CERT", "c.pem")], "NATS_KEY"),
            (&[("NATS_TOKEN", "t"), ("NATS_CREDS", "c")], "NATS_CREDS"),
            (&[("NATS_NKEY", "/does/not/exist")], "NATS_NKEY"),
            (&[("TIDINGS_TOPOLOGY", "maybe")], "`ensure`, `verify` and `off`"),
        ] {
            let error = read(variables).expect_err("not a configuration").to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
