//! `tidings explain T404`

use std::process::ExitCode;

use clap::Args;

use super::Outcome;

/// Print what a diagnostic's code means and what to do about it.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A code such as `T404`, or its name.
    code: String,
}

impl Explain {
    pub(crate) fn run(&self) -> Outcome {
        let wanted = self.code.trim().to_ascii_lowercase();
        let all = tidings_codegen::all_codes();
        let found =
            all.iter().find(|code| code.id.to_ascii_lowercase() == wanted || code.name == wanted);
        let Some(code) = found else {
            return Err(format!("there is no code `{}`", self.code));
        };
        anstream::println!("{} {}\n\n{}", code.id, code.name, code.explanation);
        Ok(ExitCode::SUCCESS)
    }
}
