//! The dashboard, as Grafana takes it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::{anchors, catalogs, file, items, json, node, promtool, text, written};
use crate::tidings::{Ended, Project, workspace};

const DASHBOARD: &str = "grafana/dashboards/events.json";

/// The dashboards of all catalogs, with and without a runbook elsewhere.
fn dashboards() -> Vec<(Project, Value)> {
    let mut all = Vec::new();
    for (_project, catalog) in catalogs::all() {
        let written = written(&catalog);
        let dashboard = json(&file(&written, DASHBOARD));
        all.push((written, dashboard));
    }
    let shop = catalogs::shop();
    shop.tidings(&["dashboard", "--runbook", "https://wiki.example.com/runbook"]).stdout(0);
    let dashboard = json(&file(&shop, DASHBOARD));
    all.push((shop, dashboard));
    all
}

/// The panels of a dashboard, those in rows too.
fn panels(dashboard: &Value) -> Vec<&Value> {
    let top = items(&dashboard["panels"]).iter();
    top.flat_map(|panel| {
        [panel].into_iter().chain(panel["panels"].as_array().into_iter().flatten())
    })
    .collect()
}

/// Every expression, as Prometheus is asked it.
fn expressions(dashboard: &Value) -> Vec<String> {
    let targets = panels(dashboard)
        .into_iter()
        .flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let annotations = items(&dashboard["annotations"]["list"]).iter().map(|one| &one["target"]);
    let asked = targets.chain(annotations).map(|target| text(&target["expr"]));
    asked.map(|asked| asked.replace("$__rate_interval", "5m").replace("$service", "a|b")).collect()
}

#[test]
fn grafanas_own_types_take_every_dashboard() {
    let dashboards = dashboards();
    let files = dashboards.iter().map(|(project, _)| file(project, DASHBOARD));
    let mut check = node();
    check.arg(workspace().join("tests/operations/grafana.cjs")).args(files);
    assert_eq!(Ended::of(check).stdout(0), "");
}

/// It is the types that judge, and they do.
#[test]
fn grafanas_own_types_refuse_what_is_wrong() {
    let project = catalogs::shop();
    project.tidings(&["dashboard"]).stdout(0);
    let dashboard = json(&file(&project, DASHBOARD));
    let broken = [
        ("/panels/1/options/graphMode", json!("aera")),
        ("/panels/1/targets/0/expr", json!(7)),
        ("/panels/7/fieldConfig/defaults/custom/drawStyle", json!("lines")),
        ("/panels/7/fieldConfig/defaults/thresholds/mode", json!("relative")),
        ("/panels/7/links", json!([{ "titel": "Runbook" }])),
        ("/templating/list/0/hide", json!(9)),
    ];
    let files: Vec<PathBuf> = broken
        .into_iter()
        .enumerate()
        .map(|(at, (pointer, wrong))| {
            let mut dashboard = dashboard.clone();
            *dashboard.pointer_mut(pointer).expect(pointer) = wrong;
            let name = format!("{at}.json");
            project.write(&name, &dashboard.to_string());
            project.path().join(name)
        })
        .collect();
    let mut check = node();
    check.arg(workspace().join("tests/operations/grafana.cjs")).args(&files);
    let ended = Ended::of(check);
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    for at in 0..files.len() {
        assert!(ended.stdout.contains(&format!("dashboard-{at}.ts(")), "{at}: {}", ended.stdout);
    }
}

#[test]
fn panels_have_numbers_and_places_of_their_own() {
    for (_, dashboard) in dashboards() {
        let all = panels(&dashboard);
        let numbers: BTreeSet<u64> =
            all.iter().map(|panel| panel["id"].as_u64().expect("a number")).collect();
        assert_eq!(numbers.len(), all.len());
        apart(items(&dashboard["panels"]));
        for row in items(&dashboard["panels"]).iter().filter(|panel| panel["type"] == "row") {
            apart(items(&row["panels"]));
        }
        for panel in all.iter().filter(|panel| panel["targets"].is_array()) {
            let targets = items(&panel["targets"]);
            let letters: BTreeSet<&str> =
                targets.iter().map(|target| text(&target["refId"])).collect();
            assert_eq!(letters.len(), targets.len(), "{panel}");
            let several = panel["type"] != "stat" || targets.len() > 1;
            let named = targets.iter().all(|target| !text(&target["legendFormat"]).is_empty());
            assert!(named || !several, "lines without a name: {panel}");
        }
    }
}

/// No panel is over another one, or outside of the 24 columns.
#[track_caller]
fn apart(panels: &[Value]) {
    let mut taken = BTreeSet::new();
    for panel in panels {
        let [x, y, w, h] =
            ["x", "y", "w", "h"].map(|side| panel["gridPos"][side].as_u64().expect("a number"));
        assert!(w > 0 && h > 0 && x + w <= 24, "{panel}");
        for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
            assert!(taken.insert(cell), "{cell:?} is taken before {panel}");
        }
    }
}

#[test]
fn every_question_is_one_that_prometheus_understands() {
    for (_, dashboard) in dashboards() {
        let asked: BTreeSet<String> = expressions(&dashboard).into_iter().collect();
        assert!(asked.len() > 10);
        let rules: Vec<Value> = asked
            .iter()
            .enumerate()
            .map(|(at, asked)| json!({ "record": format!("asked:{at}"), "expr": asked }))
            .collect();
        let project = Project::empty();
        let rules = json!({ "groups": [{ "name": "asked", "rules": rules }] });
        project.write("asked.yml", &rules.to_string());
        promtool(&["check", "rules"], &project.path().join("asked.yml"));
    }
}

#[test]
fn every_service_has_a_row_with_what_it_does() {
    let (_, dashboard) = dashboards().remove(0);
    let rows: Vec<&str> = items(&dashboard["panels"])
        .iter()
        .filter(|panel| panel["type"] == "row")
        .map(|row| text(&row["title"]))
        .collect();
    assert_eq!(rows.first(), Some(&"All services"));
    assert_eq!(rows.last(), Some(&"Runbook"));
    let titles = |row: &str| -> Vec<String> {
        let found = items(&dashboard["panels"]).iter().find(|panel| panel["title"] == row);
        let row = found.unwrap_or_else(|| panic!("there is no row `{row}`: {rows:?}"));
        items(&row["panels"]).iter().map(|panel| text(&panel["title"]).to_owned()).collect()
    };
    // It publishes alone, subscribes alone, does both.
    assert_eq!(
        titles("auth (team-identity)"),
        ["Published, by event", "Published, by what came of it", "Publishing, how long"]
    );
    assert!(!titles("audit (team-identity)").iter().any(|title| title.starts_with("Publish")));
    assert_eq!(titles("payments (team-payments)").len(), 12);
}

/// What is drawn of a small catalog: rows, panels and what they ask.
#[test]
fn the_dashboard_of_a_shop() {
    let dashboard: Value = serde_json::from_str(
        &catalogs::shop().tidings(&["dashboard", "--print", "grafana"]).stdout(0),
    )
    .expect("JSON");
    let mut outline = String::new();
    for panel in panels(&dashboard) {
        let [kind, title] = ["type", "title"].map(|name| text(&panel[name]));
        let unit = panel.pointer("/fieldConfig/defaults/unit").map(text).unwrap_or_default();
        let place = &panel["gridPos"];
        outline.push_str(&format!("{place} {kind} {unit}: {title}\n"));
        for target in panel["targets"].as_array().into_iter().flatten() {
            outline.push_str(&format!("    {}\n", text(&target["expr"])));
        }
    }
    insta::assert_snapshot!("dashboard", outline);
}

/// A hundred events are no hundred lines.
#[test]
fn large_catalogs_are_drawn_by_their_greatest_lines() {
    let project = catalogs::large();
    let written = written(&catalogs::of(&project));
    let file = file(&written, DASHBOARD);
    let dashboard = json(&file);
    let asked = expressions(&dashboard);
    let of_control = asked.iter().find(|asked| {
        asked.contains("service=\"control\",status=\"handled\"") && asked.contains("event_type")
    });
    assert!(of_control.is_some_and(|asked| asked.starts_with("topk(15, ")), "{of_control:?}");
    let of_one = asked.iter().find(|asked| asked.contains("{service=\"line_7\"}"));
    assert!(of_one.is_some_and(|asked| !asked.contains("topk")), "{of_one:?}");
    // Closed rows ask nothing, so the page asks as much as one for five events.
    let open = items(&dashboard["panels"]).iter().filter(|panel| panel["type"] != "row");
    assert!(open.count() < 25);
    let size = std::fs::metadata(file).expect("a file").len();
    assert!(size < 1 << 20, "{size} bytes");
}

#[test]
fn panels_lead_to_the_runbook() {
    for (project, dashboard) in dashboards() {
        let runbook = std::fs::read_to_string(file(&project, "runbook.md")).expect("a file");
        let known = anchors(&runbook);
        let here = format!("/d/{}?viewPanel=", text(&dashboard["uid"]));
        let links: Vec<&str> = panels(&dashboard)
            .into_iter()
            .flat_map(|panel| panel["links"].as_array().into_iter().flatten())
            .map(|link| text(&link["url"]))
            .collect();
        assert!(!links.is_empty());
        for link in links {
            if let Some(number) = link.strip_prefix(&here) {
                let number: u64 = number.parse().expect("a number");
                let panel = panels(&dashboard).into_iter().find(|panel| panel["id"] == number);
                let panel = panel.expect("a panel of that number");
                assert_eq!(panel["type"], "text");
                assert!(runbook.contains(text(&panel["options"]["content"])), "{panel}");
            } else {
                let anchor = link.strip_prefix("https://wiki.example.com/runbook#");
                assert!(anchor.is_some_and(|anchor| known.contains(&anchor)), "{link}");
            }
        }
    }
}
