//! A Grafana dashboard: a row for all services, one for each of them, and the runbook.
//!
//! What is drawn follows from the catalog: a service that publishes nothing has no panels about publishing. Rows of
//! services are closed until somebody opens one, so that a catalog of a hundred services asks Prometheus for one row.

mod layout;
mod overview;
mod panel;
mod pretty;
mod service;

use serde_json::{Value, json};

use self::layout::Row;
use self::panel::{DATASOURCE, Panel};
use super::alerts::Alert;
use super::{Options, runbook};
use crate::model::Catalog;

/// Lines of a panel beyond which only the greatest are drawn.
const LINES: usize = 15;

/// As long as an identifier of Grafana may be.
const LONGEST_UID: usize = 40;

/// The panel with the runbook, which others lead to where it is not elsewhere.
const RUNBOOK_PANEL: u32 = 1;

/// What panels need to know to lead to the runbook.
struct Entries<'a> {
    uid: String,
    options: &'a Options,
}

impl Entries<'_> {
    fn link(&self, alert: &Alert) -> Value {
        let url = match self.options.runbook {
            Some(_) => self.options.entry(alert),
            None => format!("/d/{}?viewPanel={RUNBOOK_PANEL}", self.uid),
        };
        json!({ "title": format!("Runbook: {}", alert.name), "url": url, "targetBlank": true })
    }
}

/// Writes the dashboard, in JSON.
pub fn emit(catalog: &Catalog, options: &Options) -> String {
    let uid: String = format!("tidings-{}", catalog.name).chars().take(LONGEST_UID).collect();
    let entries = Entries { uid: uid.clone(), options };
    let mut rows = vec![overview::row(catalog)];
    rows.extend(catalog.services.values().filter_map(|found| service::row(catalog, found)));
    rows.push(runbook_row());
    let title = catalog.title.clone().unwrap_or_else(|| format!("Events of {}", catalog.name));
    let services: Vec<&str> = catalog.services.keys().map(String::as_str).collect();
    let dashboard = json!({
        "uid": uid,
        "title": title,
        "description": "Written from the event catalog by `tidings dashboard`.",
        "tags": ["tidings", catalog.name],
        "schemaVersion": 41,
        "version": 1,
        "editable": true,
        "graphTooltip": 1,
        "timezone": "browser",
        "time": { "from": "now-6h", "to": "now" },
        "refresh": "30s",
        "links": dashboard_links(options),
        "annotations": { "list": [firing()] },
        "templating": { "list": [datasource_variable(), service_variable(&services)] },
        "panels": layout::panels(rows, &entries),
    });
    format!("{}\n", pretty::pretty(&dashboard, 0))
}

fn dashboard_links(options: &Options) -> Value {
    let Some(url) = &options.runbook else { return json!([]) };
    json!([{
        "type": "link",
        "title": "Runbook",
        "icon": "doc",
        "tooltip": "What each alert means, and what to do",
        "url": url,
        "targetBlank": true,
        "asDropdown": false,
        "includeVars": false,
        "keepTime": false,
        "tags": [],
    }])
}

/// A mark wherever an alert was raised.
fn firing() -> Value {
    json!({
        "name": "Alerts",
        "enable": true,
        "iconColor": "red",
        "datasource": { "type": "prometheus", "uid": DATASOURCE },
        "target": {
            "refId": "Alerts",
            "expr": "ALERTS{alertstate=\"firing\",service=~\"$service\"}",
            "interval": "1m",
        },
        "titleFormat": "{{alertname}}",
        "textFormat": "{{service}} {{subscription}}",
    })
}

fn datasource_variable() -> Value {
    json!({
        "type": "datasource",
        "name": "datasource",
        "label": "Prometheus",
        "query": "prometheus",
        "regex": "",
        "refresh": 1,
        "hide": 0,
        "includeAll": false,
        "multi": false,
        "skipUrlSync": false,
        "options": [],
        "current": { "text": "default", "value": "default" },
    })
}

fn service_variable(services: &[&str]) -> Value {
    let choices =
        services.iter().map(|name| json!({ "text": name, "value": name, "selected": false }));
    let all = json!({ "text": "All", "value": "$__all", "selected": true });
    let options: Vec<Value> = [all].into_iter().chain(choices).collect();
    json!({
        "type": "custom",
        "name": "service",
        "label": "Service",
        "description": "Whom the first row is about.",
        "query": services.join(","),
        "hide": 0,
        "includeAll": true,
        "multi": true,
        "skipUrlSync": false,
        "options": options,
        "current": { "text": ["All"], "value": ["$__all"], "selected": true },
    })
}

fn runbook_row() -> Row {
    let mut text = String::new();
    runbook::entries(&mut text);
    Row::closed("Runbook", vec![Panel::text("Runbook", text.trim_end())])
}

/// All lines, or the greatest of them where there are too many to tell apart.
fn at_most(lines: usize, expression: String) -> String {
    if lines > LINES { format!("topk({LINES}, {expression})") } else { expression }
}
