//! What is asked at a terminal.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::dlq::rejected;
use super::{AtWork, Stage};
use crate::tidings::Ended;

/// A terminal, and who sits at it.
struct Terminal {
    screen: File,
    shown: String,
}

impl Terminal {
    /// The command, asking at a terminal; its output goes elsewhere.
    fn before(mut command: Command) -> (Self, AtWork) {
        let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&controller).expect("a terminal of ours");
        unlockpt(&controller).expect("a terminal to open");
        let name = ptsname(&controller, Vec::new()).expect("its name");
        let name = name.to_str().expect("ASCII").to_owned();
        let end = || OpenOptions::new().read(true).write(true).open(&name).expect("its other end");
        command.stdin(Stdio::from(end())).stderr(Stdio::from(end()));
        let running = AtWork::of(command.stdout(Stdio::piped()));
        (Self { screen: File::from(controller), shown: String::new() }, running)
    }

    fn wait_for(&mut self, text: &str) {
        let mut bytes = [0; 1024];
        while !self.shown.contains(text) {
            let count = self.screen.read(&mut bytes).expect("a terminal");
            self.shown.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
    }

    fn type_in(&mut self, text: &str) {
        self.screen.write_all(text.as_bytes()).expect("a terminal");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_removed_by_who_says_yes() {
    let stage = Stage::new().await;
    let _failing = rejected(&stage, &["acme", "rival"]).await;
    let purge = |answer: &str| {
        let command = stage.command(&["dlq", "purge", "--all"]);
        let (mut terminal, running) = Terminal::before(command);
        terminal.wait_for("Remove 2 dead letters for good? [y/N] ");
        terminal.type_in(answer);
        let Ended { code, stdout, .. } = running.ended();
        (code, stdout)
    };
    for answer in ["\n", "n\n", "yess\n"] {
        assert_eq!(purge(answer), (1, "nothing was removed\n".to_owned()), "{answer:?}");
    }
    assert_eq!(purge("Y\n"), (0, "2 dead letters removed\n".to_owned()));
    let none = stage.tidings(&["dlq", "purge", "--all"]).stdout(0);
    assert_eq!(none, "no dead letters to remove\n");
}
