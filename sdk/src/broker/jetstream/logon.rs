//! Who the client is, told anew with each connection, so that what a file holds by then is what counts.

use std::io;

use async_nats::{AuthError, ConnectOptions};

use crate::config::{Auth, Config, ConnectError};

/// Options that log on as the configuration says.
pub(super) async fn options(config: &Config) -> Result<ConnectOptions, ConnectError> {
    // The library ignores credentials in the address, so they are taken from there.
    let auth = match &config.auth {
        Auth::None => config.auth_of_servers(),
        auth => auth.clone(),
    };
    if matches!(auth, Auth::None) {
        return Ok(ConnectOptions::new());
    }
    // What cannot be used now is told at once; the library only says that it was refused.
    if let Err(error) = answer(&auth, &[]).await {
        let reason = error.to_string();
        return Err(match auth.file() {
            Some(path) => ConnectError::Credentials { path: path.clone(), reason },
            None => ConnectError::Seed { reason },
        });
    }
    Ok(ConnectOptions::with_auth_callback(move |nonce| {
        let auth = auth.clone();
        async move {
            answer(&auth, &nonce).await.map_err(|error| {
                if let Some(path) = auth.file() {
                    tracing::error!(path = %path.display(), %error, "the credentials cannot be used");
                }
                AuthError::new(error)
            })
        }
    }))
}

/// What is told to a server that has sent this nonce.
async fn answer(auth: &Auth, nonce: &[u8]) -> io::Result<async_nats::Auth> {
    let mut answer = async_nats::Auth::new();
    match auth {
        Auth::None => {}
        Auth::UserPassword { user, password } => {
            answer.username = Some(user.clone());
            answer.password = Some(password.read().await?);
        }
        Auth::Token(token) => answer.token = Some(token.read().await?),
        Auth::NKey(seed) => {
            let key = key(&seed.read().await?)?;
            answer.signature = Some(key.sign(nonce).map_err(io::Error::other)?);
            answer.nkey = Some(key.public_key());
        }
        Auth::Credentials(path) => {
            let path = path.clone();
            let read = move || std::fs::read_to_string(path);
            let text = tokio::task::spawn_blocking(read).await.map_err(io::Error::other)??;
            let [jwt, seed] = [block(&text, "NATS USER JWT")?, block(&text, "USER NKEY SEED")?];
            answer.signature = Some(key(seed)?.sign(nonce).map_err(io::Error::other)?);
            answer.jwt = Some(jwt.to_owned());
        }
    }
    Ok(answer)
}

fn key(seed: &str) -> io::Result<nkeys::KeyPair> {
    nkeys::KeyPair::from_seed(seed).map_err(io::Error::other)
}

/// What stands between the lines that begin and end a part of a credentials file.
fn block<'t>(text: &'t str, name: &str) -> io::Result<&'t str> {
    let mut lines = text.lines().map(str::trim);
    let begins = |line: &str| line.starts_with("-----BEGIN") && line.contains(name);
    lines.find(|line| begins(line));
    lines.find(|line| !line.is_empty()).filter(|line| !line.starts_with("--")).ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidData, format!("it has no part `{name}`"))
    })
}
