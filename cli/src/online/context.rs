//! Contexts of the `nats` tool: a file each, which says how to reach a server.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Deserialize;
use tidings::Config;

use crate::failure::Failure;
use crate::output::slashed;

/// What a context says that the runtime knows how to do, and what it would have to know.
#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Fields {
    url: String,
    token: String,
    user: String,
    password: String,
    creds: String,
    nkey: String,
    cert: String,
    key: String,
    ca: String,
    inbox_prefix: String,
    nsc: String,
    user_jwt: String,
    jetstream_domain: String,
    jetstream_api_prefix: String,
    socks_proxy: String,
    tls_first: bool,
}

/// A context that was read.
#[derive(Debug)]
pub(crate) struct Context {
    name: String,
    fields: Fields,
}

impl Context {
    /// The context of this name.
    pub(crate) fn named(name: &str) -> Result<Self, Failure> {
        let folder = folder().ok_or_else(|| {
            Failure::new("contexts cannot be found: neither `XDG_CONFIG_HOME` nor `HOME` is set")
        })?;
        Self::read(&folder, name)
    }

    /// The context that `nats context select` has chosen, if it has.
    pub(crate) fn selected() -> Result<Option<Self>, Failure> {
        let Some(folder) = folder() else { return Ok(None) };
        let Ok(chosen) = fs::read_to_string(folder.join("context.txt")) else { return Ok(None) };
        match chosen.trim() {
            "" => Ok(None),
            name => Self::read(&folder, name).map(Some),
        }
    }

    fn read(folder: &Path, name: &str) -> Result<Self, Failure> {
        let known = names(&folder.join("context"));
        let path = folder.join("context").join(format!("{name}.json"));
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(Failure::new(format!("there is no context `{name}`"))
                    .meant(name, known.iter().map(String::as_str))
                    .help(format!(
                        "contexts are files in `{}`",
                        slashed(&folder.join("context"))
                    )));
            }
            Err(error) => return Err(Failure::io("cannot read", &path, &error)),
        };
        let fields = serde_json::from_str(&text).map_err(|error| {
            Failure::new(format!("`{}` is not the context of a server: {error}", slashed(&path)))
        })?;
        Ok(Self { name: name.to_owned(), fields })
    }

    /// How to connect as it says.
    pub(crate) fn config(&self) -> Result<Config, Failure> {
        let Fields {
            url,
            token,
            user,
            password,
            creds,
            nkey,
            cert,
            key,
            ca,
            inbox_prefix,
            tls_first,
            ..
        } = &self.fields;
        self.refuse_unknown()?;
        let url = if url.is_empty() { "nats://127.0.0.1:4222" } else { url };
        let mut config = Config::new(url);
        if !creds.is_empty() {
            config = config.credentials(at_home(creds));
        } else if !nkey.is_empty() {
            config = config.nkey_file(at_home(nkey));
        } else if !token.is_empty() {
            config = config.token(token);
        } else if !user.is_empty() {
            config = config.user(user, password);
        }
        if !ca.is_empty() {
            config = config.ca(at_home(ca));
        }
        if !cert.is_empty() {
            config = config.client_certificate(at_home(cert), at_home(key));
        }
        if *tls_first {
            config = config.tls_first();
        }
        if !inbox_prefix.is_empty() {
            config = config.inbox_prefix(inbox_prefix);
        }
        Ok(config)
    }

    /// A context that is followed in part would lead elsewhere.
    fn refuse_unknown(&self) -> Result<(), Failure> {
        let Fields { nsc, user_jwt, jetstream_domain, jetstream_api_prefix, socks_proxy, .. } =
            &self.fields;
        let texts = [
            ("nsc", nsc),
            ("user_jwt", user_jwt),
            ("jetstream_domain", jetstream_domain),
            ("jetstream_api_prefix", jetstream_api_prefix),
            ("socks_proxy", socks_proxy),
        ];
        let set = texts.iter().find(|(_, text)| !text.is_empty()).map(|(key, _)| *key);
        match set {
            None => Ok(()),
            Some(key) => Err(Failure::new(format!(
                "the context `{}` says `{key}`, which Tidings cannot do",
                self.name
            ))
            .help(
                "say where the server is by `--server`, and how to log on by `NATS_…` variables",
            )),
        }
    }
}

/// Where the `nats` tool keeps its contexts.
fn folder() -> Option<PathBuf> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let config = set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config")))?;
    Some(config.join("nats"))
}

/// A path as the `nats` tool reads it: `~` is the user's folder.
fn at_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), env::var_os("HOME")) {
        (Some(below), Some(home)) => Path::new(&home).join(below),
        _ => PathBuf::from(path),
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| {
        let path = entry.path();
        let is_context = path.extension().is_some_and(|kind| kind == "json");
        is_context.then(|| path.file_stem().map(|name| name.to_string_lossy().into_owned()))?
    });
    names.collect()
}
