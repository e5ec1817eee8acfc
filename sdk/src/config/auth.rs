use std::io;
use std::path::PathBuf;

/// How a client says who it is.
#[derive(Clone)]
pub(crate) enum Auth {
    None,
    UserPassword {
        user: String,
        password: Secret,
    },
    Token(Secret),
    /// A user's JWT and seed.
    Credentials(PathBuf),
    NKey(Secret),
}

/// What nobody else knows: a password, a token, a seed.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) enum Secret {
    Value(String),
    /// The first line of a file.
    File(PathBuf),
}

impl Auth {
    /// What it is called, without what must not be shown.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::UserPassword { .. } => "user and password",
            Self::Token(_) => "token",
            Self::Credentials(_) => "credentials file",
            Self::NKey(_) => "nkey",
        }
    }

    /// The file that it is read from, and that may have something else in it for the next connection.
    pub(crate) fn file(&self) -> Option<&PathBuf> {
        match self {
            Self::Credentials(path)
            | Self::UserPassword { password: Secret::File(path), .. }
            | Self::Token(Secret::File(path))
            | Self::NKey(Secret::File(path)) => Some(path),
            _ => None,
        }
    }
}

impl Secret {
    pub(crate) async fn read(&self) -> io::Result<String> {
        match self {
            Self::Value(value) => Ok(value.clone()),
            Self::File(path) => {
                let path = path.clone();
                let read = move || std::fs::read_to_string(path);
                let text = tokio::task::spawn_blocking(read).await.map_err(io::Error::other)??;
                Ok(text.lines().next().unwrap_or_default().trim().to_owned())
            }
        }
    }
}
