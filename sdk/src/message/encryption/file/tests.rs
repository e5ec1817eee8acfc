use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process;

use super::*;

/// A directory of its own, gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tidings-keys-{name}-{}", process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    fn keys(&self) -> FileKeys {
        FileKeys::open(&self.0).expect("a directory")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn id(lookup: Result<Lookup, KeyError>) -> Option<KeyId> {
    match lookup.expect("an answer") {
        Lookup::Found(key) => Some(key.id().clone()),
        Lookup::Erased => None,
    }
}

#[test]
fn keys_are_made_rotated_and_erased() {
    let folder = Folder::new("life");
    let keys = folder.keys();
    assert!(keys.find_current("acme").is_err(), "nobody gets a key by accident");
    assert!(keys.rotate("acme").is_err());
    let first = keys.create("acme").expect("made");
    assert!(keys.create("acme").is_err(), "it has one");
    assert_eq!(id(keys.find_current("acme")), Some(first.clone()));
    let second = keys.rotate("acme").expect("rotated");
    let other = folder.keys();
    assert_eq!(id(other.find_current("acme")), Some(second.clone()));
    assert_eq!(id(other.find("acme", &first)), Some(first.clone()), "the old one is still there");
    let stranger = KeyId::new("stranger").expect("an id");
    assert!(other.find("acme", &stranger).is_err(), "unknown is not erased");
    assert!(other.find("other", &first).is_err(), "unknown is not erased");
    keys.erase("acme").expect("erased");
    keys.erase("acme").expect("it is already");
    for id in [&first, &second, &stranger] {
        assert!(matches!(other.find("acme", id), Ok(Lookup::Erased)), "{id}");
    }
    assert!(matches!(keys.creating().find_current("acme"), Ok(Lookup::Erased)), "for good");
    for again in [other.create("acme"), other.rotate("acme")] {
        assert!(again.expect_err("erased").to_string().contains("erased"));
    }
    let left = fs::read_to_string(folder.0.join("acme.json")).expect("it says so");
    assert!(left.contains("erased") && !left.contains("secret"), "{left}");
}

#[test]
fn each_organization_has_a_file_whatever_it_is_called() {
    let folder = Folder::new("names");
    let keys = folder.keys().creating();
    let names = ["acme", "Acme", "a/../b", "..", "Grüße", "a%2fb", "a/b", "NUL"];
    let ids: Vec<_> = names.iter().map(|name| id(keys.find_current(name))).collect();
    for (name, known) in names.iter().zip(&ids) {
        assert_eq!(&id(folder.keys().find_current(name)), known, "{name}");
    }
    let files = fs::read_dir(&folder.0).expect("readable").count();
    assert_eq!(files, names.len() + 1, "one each, and the lock");
    assert!(keys.create(&"ä".repeat(60)).is_err(), "no file has such a name");
}

#[test]
fn what_others_may_read_is_refused() {
    let folder = Folder::new("modes");
    folder.keys().create("acme").expect("made");
    let file = folder.0.join("acme.json");
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode();
    assert_eq!((mode(&folder.0) & 0o777, mode(&file) & 0o777), (0o700, 0o600));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("own");
    let error = folder.keys().find_current("acme").expect_err("others may read it");
    assert!(std::error::Error::source(&error).expect("a cause").to_string().contains("chmod 600"));
    fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o755)).expect("own");
    assert!(FileKeys::open(&folder.0).is_err());
}

#[test]
fn whoever_changes_keys_at_once_loses_none() {
    let folder = Folder::new("race");
    let made: Vec<KeyId> = std::thread::scope(|scope| {
        let one =
            || (0..5).map(|_| folder.keys().creating().find_current("acme")).map(id).collect();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(one)).collect();
        let ids: Vec<Vec<Option<KeyId>>> =
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect();
        ids.into_iter().flatten().flatten().collect()
    });
    assert!(made.len() == 40 && made.iter().all(|id| *id == made[0]), "one key for all: {made:?}");
    let rotated: Vec<KeyId> = std::thread::scope(|scope| {
        let one = || folder.keys().rotate("acme").expect("rotated");
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(one)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    for key in rotated.iter().chain(&made[..1]) {
        assert_eq!(id(folder.keys().find("acme", key)).as_ref(), Some(key), "none is lost");
    }
}

#[test]
fn what_is_broken_is_an_error_and_nothing_is_erased() {
    let folder = Folder::new("broken");
    folder.keys().create("acme").expect("made");
    let file = folder.0.join("acme.json");
    let text = fs::read_to_string(&file).expect("readable");
    for broken in ["", "{}", &text[..text.len() / 2], &text.replace("acme", "other")] {
        fs::write(&file, broken).expect("own");
        assert!(folder.keys().find_current("acme").is_err(), "{broken}");
        assert!(folder.keys().rotate("acme").is_err(), "{broken}");
    }
    let error = folder.keys().find_current("acme").expect_err("broken");
    assert!(!format!("{error:?}").contains(text.rsplit('"').nth(1).expect("a secret")));
    // Whatever it is, there may be keys in it.
    for broken in ["", "{}", &text[..text.len() / 2], &text.replace("acme", "other")] {
        fs::write(&file, broken).expect("own");
        let open = File::open(&file).expect("readable");
        folder.keys().erase("acme").expect("erased");
        assert!(matches!(folder.keys().find_current("acme"), Ok(Lookup::Erased)), "{broken}");
        assert_eq!(zeros(open), broken.len(), "written over");
    }
}

/// How many bytes a file has that holds nothing but zeros.
fn zeros(mut file: File) -> usize {
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut file, &mut bytes).expect("readable");
    assert!(bytes.iter().all(|byte| *byte == 0), "{bytes:?}");
    bytes.len()
}

#[test]
fn no_file_that_was_replaced_keeps_a_key() {
    let folder = Folder::new("replaced");
    let keys = folder.keys();
    keys.create("acme").expect("made");
    let file = folder.0.join("acme.json");
    for _ in 0..3 {
        let old = File::open(&file).expect("readable");
        keys.rotate("acme").expect("rotated");
        assert!(zeros(old) > 0);
    }
    let old = File::open(&file).expect("readable");
    keys.erase("acme").expect("erased");
    assert!(zeros(old) > 0);
    let left = fs::read_dir(&folder.0).expect("readable").count();
    assert_eq!(left, 2, "what it says now, and the lock");
}
