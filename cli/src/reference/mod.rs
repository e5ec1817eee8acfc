//! `docs/cli.md`: what holds for every verb, written by hand, and each verb as clap knows it.

use std::fmt::Write;

use clap::{Arg, Command};

const PREAMBLE: &str = include_str!("preamble.md");

/// `docs/cli.md`.
pub fn reference() -> String {
    let mut command = crate::command();
    // Fills in what verbs inherit.
    command.build();
    let mut page = PREAMBLE.to_owned();
    page.push_str("\n## Global options\n");
    options(&command, Arg::is_global_set, &mut page);
    for verb in verbs(&command) {
        section(verb, "tidings", &mut page);
    }
    page
}

fn verbs(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|verb| verb.get_name() != "help" && !verb.is_hide_set())
}

fn section(verb: &Command, above: &str, page: &mut String) {
    let name = format!("{above} {}", verb.get_name());
    let about = verb.get_long_about().or(verb.get_about()).map(ToString::to_string);
    let usage = verb.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim();
    let _ = write!(
        page,
        "\n## `{name}`\n\n{}\n\n```text\n{usage}\n```\n",
        sentence(&about.unwrap_or_default())
    );
    options(verb, |arg| !arg.is_global_set(), page);
    for inner in verbs(verb) {
        section(inner, &name, page);
    }
}

/// A table of the options of a command; nothing where it has none.
fn options(command: &Command, wanted: impl Fn(&Arg) -> bool, page: &mut String) {
    let own = |arg: &&Arg| wanted(arg) && !["help", "version"].contains(&arg.get_id().as_str());
    let mut options = command.get_arguments().filter(own).peekable();
    if options.peek().is_some() {
        page.push_str("\n| | |\n|---|---|\n");
    }
    for option in options {
        let _ = writeln!(page, "| `{}` | {} |", cell(&name(option)), cell(&meaning(option)));
    }
}

/// `-q, --quiet`, `--format <FORMAT>`, `[FOLDER]`.
fn name(option: &Arg) -> String {
    match option.get_short() {
        Some(short) if option.get_long().is_some() => format!("-{short}, {option}"),
        _ => option.to_string(),
    }
}

fn meaning(option: &Arg) -> String {
    let help = option.get_long_help().or(option.get_help()).map(ToString::to_string);
    let mut text = sentence(&help.unwrap_or_default());
    if !option.get_action().takes_values() {
        return text;
    }
    for value in option.get_possible_values().iter().filter(|value| !value.is_hide_set()) {
        let help = value.get_help().map_or(String::new(), |help| format!(": {help}"));
        let _ = write!(text, "<br>`{}`{help}", value.get_name());
    }
    let defaults = option.get_default_values().iter();
    let defaults: Vec<_> = defaults.map(|value| value.to_string_lossy()).collect();
    if !defaults.is_empty() {
        let _ = write!(text, "<br>Default: `{}`", defaults.join(" "));
    }
    if let Some(variable) = option.get_env() {
        let _ = write!(text, "<br>Variable: `{}`", variable.to_string_lossy());
    }
    text
}

/// Clap takes the full stop off what is one sentence.
fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', ':']) { text.to_owned() } else { format!("{text}.") }
}

fn cell(text: &str) -> String {
    text.replace("\n\n", "<br>").replace('\n', " ").replace('|', "\\|")
}
