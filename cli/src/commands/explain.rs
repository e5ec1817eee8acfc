//! `tidings explain T404`

use std::process::ExitCode;

use clap::Args;
use tidings_codegen::reference;
use tidings_codegen::render::Style;

use super::Outcome;

/// Print what a diagnostic's code means, with an example, and what to do about it.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A code such as `T404`, or its name.
    code: String,
}

impl Explain {
    pub(crate) fn run(&self) -> Outcome {
        let code = reference::find(self.code.trim()).map_err(|meant| match meant {
            Some(meant) => {
                format!(
                    "there is no code `{}`; did you mean {} `{}`?",
                    self.code, meant.id, meant.name
                )
            }
            None => format!("there is no code `{}`", self.code),
        })?;
        let style = Style { color: true, prefix: String::new() };
        anstream::print!("{}", reference::entry(code, &style));
        Ok(ExitCode::SUCCESS)
    }
}
