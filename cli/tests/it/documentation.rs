//! What is written about the command.

use crate::tidings::Project;

#[test]
fn every_verb_and_option_is_in_the_reference() {
    let page = tidings_cli::reference();
    let help = Project::empty().tidings(&["--help"]).stdout(0);
    let verbs = help.split("Commands:").nth(1).and_then(|rest| rest.split("\n\n").next());
    let verbs = verbs.expect("verbs").lines().filter_map(|line| line.split_whitespace().next());
    for verb in verbs.filter(|verb| *verb != "help") {
        assert!(page.contains(&format!("## `tidings {verb}`")), "{verb}");
        let help = Project::empty().tidings(&[verb, "--help"]).stdout(0);
        let options = help.split_whitespace().filter(|word| word.starts_with("--"));
        for option in options.map(|word| word.trim_end_matches([',', '.', '`'])) {
            if !["--help", "--version"].contains(&option) {
                assert!(page.contains(option), "{verb} {option}");
            }
        }
    }
}
