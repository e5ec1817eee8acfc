//! What the application wants of the world around it, which [`pretend`](crate::pretend) stands in for.

use async_trait::async_trait;
use tidings::Uuid;

/// Something around the application does not answer.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("{0} does not answer")]
pub struct Unavailable(pub &'static str);

/// Writes mail.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Greets a new member.
    async fn welcome(&self, email: &str, full_name: &str) -> Result<(), Unavailable>;
}

/// What pages show of a member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// What was said last, once something was.
    pub details: Option<Details>,
    /// The last picture, once there is one.
    pub picture: Option<Picture>,
}

/// What a member says of themself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// What they are called.
    pub full_name: String,
    /// What they say about themself.
    pub bio: Option<String>,
    /// Grows with every change.
    pub revision: u64,
}

/// A member's picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Where it is shown from.
    pub avatar_url: String,
    /// Grows with every picture.
    pub revision: u64,
}

/// Profiles as pages read them. What is older than what is there changes nothing, so that events may come again.
#[async_trait]
pub trait Profiles: Send + Sync {
    /// A member's profile.
    async fn find(&self, user_id: Uuid) -> Result<Option<Profile>, Unavailable>;
    /// Writes what a member says.
    async fn put_details(&self, user_id: Uuid, details: Details) -> Result<(), Unavailable>;
    /// Writes which picture a member has.
    async fn put_picture(&self, user_id: Uuid, picture: Picture) -> Result<(), Unavailable>;
}

/// Finds members. What is older than what is there changes nothing.
#[async_trait]
pub trait SearchIndex: Send + Sync {
    /// Has a member be found by these words.
    async fn put(&self, user_id: Uuid, words: String, revision: u64) -> Result<(), Unavailable>;
}

/// Keeps files.
#[async_trait]
pub trait Files: Send + Sync {
    /// Keeps a file under a key.
    async fn put(&self, key: &str, file: Vec<u8>) -> Result<(), Unavailable>;
    /// The file under a key.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Unavailable>;
}

/// Makes small pictures of large ones.
#[async_trait]
pub trait Studio: Send + Sync {
    /// A copy that is so many pixels wide; none where the file is no picture.
    async fn shrink(&self, file: &[u8], width: u32) -> Result<Option<Vec<u8>>, Unavailable>;
}
