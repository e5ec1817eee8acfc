//! What a shell and a terminal expect of a command.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::tidings::{Ended, Project, workspace};

#[test]
fn mistakes_in_the_arguments_are_told_with_the_way_out() {
    let project = Project::empty();
    for (args, said) in [
        (&["chek"][..], "a similar subcommand exists: 'check'"),
        (&["check", "--fromat", "json"], "a similar argument exists: '--format'"),
        (&["check", "--format", "jsn"], "a similar value exists: 'json'"),
        (&["explain"], "Usage: tidings explain"),
        (&[], "Usage: tidings"),
    ] {
        let shown = project.tidings(args).failure();
        assert!(shown.contains(said), "{args:?}: {shown}");
    }
    assert!(project.tidings(&["help", "check"]).stdout(0).contains("Usage: tidings check"));
    assert_eq!(
        project.tidings(&["--version"]).stdout(0),
        format!("tidings {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn colors_are_for_terminals_or_where_they_are_asked_for() {
    let project = Project::shop();
    project.write("event-catalog/broken.yaml", "evnt: x\n");
    let colored = |args: &[&str], variable: Option<(&str, &str)>| {
        let mut command = project.command(args);
        command.envs(variable);
        Ended::of(command).stdout(1).contains('\u{1b}')
    };
    assert!(!colored(&["check"], None));
    assert!(colored(&["check", "--color", "always"], None));
    assert!(colored(&["check"], Some(("CLICOLOR_FORCE", "1"))));
    assert!(!colored(&["check", "--color", "never"], Some(("CLICOLOR_FORCE", "1"))));
    assert!(!colored(&["check", "--format", "json", "--color", "always"], None));
    let failure = project.tidings(&["explain", "T999", "--color", "always"]).failure();
    assert!(failure.contains('\u{1b}'), "{failure}");
}

#[test]
fn a_reader_that_goes_away_is_no_mistake() {
    let project = Project::empty();
    let catalog = workspace().join("event-catalog");
    let mut command = project.command(&["docs", "--catalog", catalog.to_str().expect("UTF-8")]);
    let mut running =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a program");
    let mut first = String::new();
    let stdout = running.stdout.take().expect("its output");
    // More than a pipe holds is left; the reader ends here.
    BufReader::with_capacity(16, stdout).read_line(&mut first).expect("a line");
    let ended = running.wait_with_output().expect("its end");
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
    assert_eq!(ended.status.code(), Some(0));
}

#[test]
fn shells_complete_every_verb() {
    let project = Project::empty();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = project.tidings(&["completions", shell]).stdout(0);
        for verb in tidings_cli::command().get_subcommands() {
            assert!(script.contains(verb.get_name()), "{shell}: no `{}`", verb.get_name());
        }
    }
}

#[test]
fn every_verb_has_a_manual_page() {
    let project = Project::empty();
    let root = project.tidings(&["man"]).stdout(0);
    assert!(root.contains(".TH tidings 1"), "{root}");
    project.tidings(&["man", "--out", "man1"]).stdout(0);
    for verb in tidings_cli::command().get_subcommands() {
        let page = project.read(&format!("man1/tidings-{}.1", verb.get_name()));
        assert!(page.contains("SYNOPSIS"), "{page}");
    }
}
