//! Files that are to be written and were not there before.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::output::slashed;

/// A file that is to be written.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

impl Draft {
    /// Fails where something is there already: what people wrote is not overwritten.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        match fs::symlink_metadata(&self.path) {
            Ok(_) => Err(exists(&self.path)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(Failure::io("cannot look for", &self.path, &error)),
        }
    }

    /// Writes it, with the folders that it is in, and never over something else.
    pub(crate) fn write(&self) -> Result<(), Failure> {
        let failed = |error: std::io::Error| match error.kind() {
            ErrorKind::AlreadyExists => exists(&self.path),
            _ => Failure::io("cannot write", &self.path, &error),
        };
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)
                .map_err(|error| Failure::io("cannot make the folder", folder, &error))?;
        }
        let mut file =
            OpenOptions::new().write(true).create_new(true).open(&self.path).map_err(failed)?;
        file.write_all(self.text.as_bytes()).map_err(failed)
    }
}

fn exists(path: &Path) -> Failure {
    Failure::new(format!("`{}` is there already, and nothing is overwritten", slashed(path)))
}

/// A text as a value in YAML: in quotes where it would be read as something else.
pub(crate) fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || " _-.,'()/@*>".contains(c);
    let begins = text.starts_with(char::is_alphabetic);
    let ends = !text.ends_with(char::is_whitespace);
    let word = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    // Commas end a value in `[…]`.
    let special = word.contains(&text.to_lowercase().as_str()) || text.contains(',');
    if begins && ends && !special && text.chars().all(plain) {
        return text.to_owned();
    }
    // A string of JSON is one of YAML.
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_texts() {
        for (text, yaml) in [
            ("team-orders", "team-orders"),
            ("A customer's order was accepted.", "A customer's order was accepted."),
            ("auth.user.*", "auth.user.*"),
            ("orders.order.created@2", "orders.order.created@2"),
            ("Price: 3 EUR", r#""Price: 3 EUR""#),
            ("yes", r#""yes""#),
            ("1.10", r#""1.10""#),
            ("*", r#""*""#),
            ("a, b", r#""a, b""#),
            ("say \"hi\"\n", r#""say \"hi\"\n""#),
            ("", r#""""#),
        ] {
            assert_eq!(quoted(text), yaml);
        }
    }
}
