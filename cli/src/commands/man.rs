//! `tidings man`

use std::io;
use std::path::PathBuf;

use clap::{Args, Command};
use clap_mangen::Man as Page;
use serde_json::json;

use super::Outcome;
use crate::answer::{Answer, Written, require_answer_format};
use crate::failure::Failure;
use crate::file;
use crate::output::slashed;
use crate::session::Session;

/// Print the manual page of `tidings`, or write those of all its verbs.
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Folder to write the pages of all verbs to, such as `~/.local/share/man/man1`.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        require_answer_format(session, "man")?;
        let mut command = crate::command();
        let Some(out) = &self.out else {
            let page = rendered(command)?;
            let data = json!({ "page": page });
            return Answer::new("man", page, data).write(session);
        };
        // Gives each verb its full name, `tidings-check`.
        command.build();
        let mut written = Written::new("man");
        for page in pages(command) {
            let path = out.join(Page::new(page.clone()).get_filename());
            if file::write(&path, &rendered(page)?)? {
                written.file(slashed(&path));
            }
        }
        written.write(session)
    }
}

/// A command and all below it that have a page.
fn pages(command: Command) -> Vec<Command> {
    let below = command.get_subcommands().filter(|verb| verb.get_name() != "help");
    let below: Vec<Command> = below.cloned().flat_map(pages).collect();
    std::iter::once(command).chain(below).collect()
}

fn rendered(command: Command) -> Result<String, Failure> {
    let mut text = Vec::new();
    Page::new(command)
        .render(&mut text)
        .map_err(|error: io::Error| Failure::new(format!("the page cannot be written: {error}")))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
