//! A world that only remembers what it was asked to do. Something to begin with, and to test with.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tidings::Uuid;

use crate::effects::World;
use crate::ports::{
    Details, Files, Mailer, Picture, Profile, Profiles, SearchIndex, Studio, Unavailable,
};

/// What a PNG begins with, which is all that the [`Studio`] knows of pictures.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// All of it in one place, in memory.
#[derive(Default)]
pub struct Pretend {
    state: Mutex<State>,
    /// So many mails are not sent, from now on.
    failing: AtomicU64,
}

#[derive(Default)]
struct State {
    mails: Vec<String>,
    profiles: HashMap<Uuid, Profile>,
    words: HashMap<Uuid, (u64, String)>,
    files: HashMap<String, Vec<u8>>,
}

impl Pretend {
    /// A world in which everything is this.
    pub fn world(self: &Arc<Self>) -> World {
        World {
            mailer: self.clone(),
            profiles: self.clone(),
            search: self.clone(),
            files: self.clone(),
            studio: self.clone(),
        }
    }

    /// Has the next mails fail.
    pub fn fail_mails(&self, count: u64) {
        self.failing.store(count, Ordering::Relaxed);
    }

    /// To whom mails were sent, in this order.
    pub fn mails(&self) -> Vec<String> {
        self.state().mails.clone()
    }

    /// What a member is found by.
    pub fn words(&self, user_id: Uuid) -> Option<String> {
        self.state().words.get(&user_id).map(|(_, words)| words.clone())
    }

    /// The keys of all files, sorted.
    pub fn files(&self) -> Vec<String> {
        let mut keys: Vec<String> = self.state().files.keys().cloned().collect();
        keys.sort();
        keys
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Mailer for Pretend {
    async fn welcome(&self, email: &str, _: &str) -> Result<(), Unavailable> {
        let fails = |left: u64| left.checked_sub(1);
        if self.failing.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fails).is_ok() {
            return Err(Unavailable("the mail server"));
        }
        self.state().mails.push(email.to_owned());
        Ok(())
    }
}

#[async_trait]
impl Profiles for Pretend {
    async fn find(&self, user_id: Uuid) -> Result<Option<Profile>, Unavailable> {
        Ok(self.state().profiles.get(&user_id).cloned())
    }

    async fn put_details(&self, user_id: Uuid, details: Details) -> Result<(), Unavailable> {
        let mut state = self.state();
        let profile = state.profiles.entry(user_id).or_default();
        if profile.details.as_ref().is_none_or(|known| known.revision < details.revision) {
            profile.details = Some(details);
        }
        Ok(())
    }

    async fn put_picture(&self, user_id: Uuid, picture: Picture) -> Result<(), Unavailable> {
        let mut state = self.state();
        let profile = state.profiles.entry(user_id).or_default();
        if profile.picture.as_ref().is_none_or(|known| known.revision < picture.revision) {
            profile.picture = Some(picture);
        }
        Ok(())
    }
}

#[async_trait]
impl SearchIndex for Pretend {
    async fn put(&self, user_id: Uuid, words: String, revision: u64) -> Result<(), Unavailable> {
        let mut state = self.state();
        let known = state.words.entry(user_id).or_default();
        if known.0 < revision {
            *known = (revision, words);
        }
        Ok(())
    }
}

#[async_trait]
impl Files for Pretend {
    async fn put(&self, key: &str, file: Vec<u8>) -> Result<(), Unavailable> {
        self.state().files.insert(key.to_owned(), file);
        Ok(())
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Unavailable> {
        Ok(self.state().files.get(key).cloned())
    }
}

#[async_trait]
impl Studio for Pretend {
    async fn shrink(&self, file: &[u8], width: u32) -> Result<Option<Vec<u8>>, Unavailable> {
        let shrunk = file.starts_with(PNG).then(|| [PNG, width.to_string().as_bytes()].concat());
        Ok(shrunk)
    }
}
