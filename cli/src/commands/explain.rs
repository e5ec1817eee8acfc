//! `tidings explain T404`

use clap::Args;
use serde_json::json;
use tidings_codegen::codes::Code;
use tidings_codegen::reference;
use tidings_codegen::render::Style;

use super::Outcome;
use crate::answer::Answer;
use crate::failure::Failure;
use crate::session::Session;

/// Print what a diagnostic's code means, with an example, and what to do about it.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Explain {
    /// A code such as `T404`, or its name.
    #[arg(required_unless_present = "list")]
    code: Option<String>,

    /// All codes with their names.
    #[arg(long, conflicts_with = "code")]
    list: bool,
}

impl Explain {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        let answer = match &self.code {
            Some(wanted) => explanation(wanted)?,
            None => listing(),
        };
        answer.write(session)
    }
}

fn explanation(wanted: &str) -> Result<Answer, Failure> {
    let code = reference::find(wanted.trim()).map_err(|meant| {
        let failure = Failure::new(format!("there is no code `{wanted}`"));
        let failure = match meant {
            Some(meant) => failure.help(format!("did you mean `{}` `{}`?", meant.id, meant.name)),
            None => failure,
        };
        failure.help("`tidings explain --list` shows all of them")
    })?;
    let style = Style { color: true, prefix: String::new() };
    let mut facts = facts(code);
    facts["explanation"] = code.explanation.into();
    Ok(Answer::new("explain", reference::entry(code, &style), facts))
}

fn listing() -> Answer {
    let all = tidings_codegen::all_codes();
    let lines =
        all.iter().map(|code| format!("{}  {:<7}  {}\n", code.id, code.level.word(), code.name));
    Answer::new("explain", lines.collect::<String>(), all.iter().map(|code| facts(code)).collect())
}

fn facts(code: &Code) -> serde_json::Value {
    json!({ "code": code.id, "name": code.name, "level": code.level.word(), "configurable": code.configurable })
}
