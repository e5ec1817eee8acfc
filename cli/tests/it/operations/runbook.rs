//! The runbook: what alerts lead to, and what it leads to itself.

use std::collections::BTreeSet;

use super::{anchors, catalogs, file, items, json, text, written, yaml};
use crate::tidings::{Project, workspace};

#[test]
fn every_alert_has_an_entry() {
    for (_project, catalog) in catalogs::all() {
        let written = written(&catalog);
        let page = std::fs::read_to_string(file(&written, "runbook.md")).expect("a file");
        let known = anchors(&page);
        let unique: BTreeSet<&&str> = known.iter().collect();
        assert_eq!(unique.len(), known.len(), "{known:?}");
        let rules = yaml(&file(&written, "prometheus/rules.yml"));
        let mut raised = 0;
        for rule in items(&rules[0]["groups"]).iter().flat_map(|group| items(&group["rules"])) {
            let url = text(&rule["annotations"]["runbook_url"]);
            let anchor = url.strip_prefix("runbook.md#").expect("the page beside the rules");
            assert!(known.contains(&anchor), "{url}");
            assert!(page.contains(&format!("\n## {}\n", text(&rule["alert"]))), "{rule}");
            raised += 1;
        }
        assert!(raised > 0);
        for link in page.split("](#").skip(1).filter_map(|rest| rest.split_once(')')) {
            assert!(known.contains(&link.0), "{}", link.0);
        }
    }
}

/// Where it says *Waiting*, there is a panel of that title.
#[test]
fn panels_that_it_names_are_there() {
    let samples = workspace().join("event-catalog");
    let written = written(&samples);
    let page = std::fs::read_to_string(file(&written, "runbook.md")).expect("a file");
    let dashboard = json(&file(&written, "grafana/dashboards/events.json"));
    let titles: BTreeSet<String> = items(&dashboard["panels"])
        .iter()
        .flat_map(|panel| {
            [panel].into_iter().chain(panel["panels"].as_array().into_iter().flatten())
        })
        .map(|panel| text(&panel["title"]).to_owned())
        .collect();
    let plain = page.replace("**", "");
    let named: Vec<&str> = plain
        .lines()
        .filter(|line| !line.starts_with('*'))
        .flat_map(|line| line.split('*').skip(1).step_by(2))
        .collect();
    assert!(named.len() > 5, "{named:?}");
    for name in named {
        assert!(titles.contains(name), "there is no panel *{name}*");
    }
}

/// Where there is no catalog, that is the only mistake in a command.
#[test]
fn commands_that_it_names_are_understood() {
    let samples = workspace().join("event-catalog");
    let written = written(&samples);
    let page = std::fs::read_to_string(file(&written, "runbook.md")).expect("a file");
    let commands: BTreeSet<&str> =
        page.lines().filter_map(|line| line.strip_prefix("$ tidings ")).collect();
    assert!(commands.len() > 5, "{commands:?}");
    let nowhere = Project::empty();
    for command in commands {
        let arguments: Vec<&str> = command.split(' ').collect();
        let said = nowhere.tidings(&arguments).failure();
        assert!(said.contains("there is no event catalog here"), "{command}: {said}");
    }
}
