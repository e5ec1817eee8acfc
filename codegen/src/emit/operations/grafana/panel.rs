//! One panel: what it asks, and how the answer is drawn.

use serde_json::{Value, json};

use super::Entries;
use crate::emit::operations::alerts::Alert;

/// What a reader of the dashboard chose.
pub(super) const DATASOURCE: &str = "${datasource}";

/// What is measured, as Grafana calls it.
pub(super) mod unit {
    pub(in super::super) const EVENTS: &str = "short";
    pub(in super::super) const EVENTS_A_SECOND: &str = "eps";
    pub(in super::super) const SECONDS: &str = "s";
    pub(in super::super) const SHARE: &str = "percentunit";
}

/// A panel before it has a place.
pub(super) struct Panel {
    title: &'static str,
    description: String,
    drawn: Drawn,
    unit: &'static str,
    width: u32,
    targets: Vec<Target>,
    limit: Option<Limit>,
    alerts: Vec<&'static Alert>,
}

enum Drawn {
    /// Lines over time.
    Lines,
    /// Parts of a whole over time.
    Shares,
    /// The latest number, large.
    Number,
    /// Closed, half-open or open, over time.
    States,
    /// Markdown.
    Text(String),
}

struct Target {
    expression: String,
    legend: String,
}

/// From where on a value is bad.
#[derive(Clone, Copy)]
struct Limit {
    at: f64,
    color: &'static str,
}

impl Panel {
    fn new(title: &'static str, drawn: Drawn, unit: &'static str, width: u32) -> Self {
        Self {
            title,
            description: String::new(),
            drawn,
            unit,
            width,
            targets: Vec::new(),
            limit: None,
            alerts: Vec::new(),
        }
    }

    pub(super) fn lines(title: &'static str, unit: &'static str) -> Self {
        Self::new(title, Drawn::Lines, unit, 12)
    }

    pub(super) fn shares(title: &'static str) -> Self {
        Self::new(title, Drawn::Shares, unit::EVENTS_A_SECOND, 12)
    }

    pub(super) fn number(title: &'static str, unit: &'static str) -> Self {
        Self::new(title, Drawn::Number, unit, 4)
    }

    pub(super) fn states(title: &'static str) -> Self {
        Self::new(title, Drawn::States, "none", 12)
    }

    pub(super) fn text(title: &'static str, text: &str) -> Self {
        Self::new(title, Drawn::Text(text.to_owned()), "none", 24)
    }

    /// What to know to read it.
    pub(super) fn about(mut self, description: &str) -> Self {
        description.clone_into(&mut self.description);
        self
    }

    /// How many of the 24 columns it takes, where it is not the usual number.
    pub(super) fn wide(mut self, columns: u32) -> Self {
        self.width = columns;
        self
    }

    /// One more question. The legend names labels as `{{service}}`.
    pub(super) fn ask(mut self, expression: String, legend: &str) -> Self {
        self.targets.push(Target { expression, legend: legend.to_owned() });
        self
    }

    /// Orange from there on.
    pub(super) fn warn_from(mut self, at: Option<f64>) -> Self {
        self.limit = at.map(|at| Limit { at, color: "orange" });
        self
    }

    /// Red from there on.
    pub(super) fn bad_from(mut self, at: f64) -> Self {
        self.limit = Some(Limit { at, color: "red" });
        self
    }

    /// Which alert is raised by what it shows.
    pub(super) fn alert(mut self, alert: &'static Alert) -> Self {
        self.alerts.push(alert);
        self
    }

    pub(super) fn is_text(&self) -> bool {
        matches!(self.drawn, Drawn::Text(_))
    }

    /// Width and height.
    pub(super) fn size(&self) -> (u32, u32) {
        let height = match self.drawn {
            Drawn::Number => 4,
            Drawn::Lines | Drawn::Shares | Drawn::States => 8,
            Drawn::Text(_) => 24,
        };
        (self.width, height)
    }

    pub(super) fn json(&self, id: u32, place: &Value, entries: &Entries<'_>) -> Value {
        if let Drawn::Text(text) = &self.drawn {
            return json!({
                "id": id,
                "type": "text",
                "title": self.title,
                "gridPos": place,
                "options": { "mode": "markdown", "content": text },
            });
        }
        let links: Vec<Value> = self.alerts.iter().map(|alert| entries.link(alert)).collect();
        json!({
            "id": id,
            "type": self.kind(),
            "title": self.title,
            "description": self.description,
            "datasource": { "type": "prometheus", "uid": DATASOURCE },
            "gridPos": place,
            "targets": self.targets(),
            "fieldConfig": { "defaults": self.defaults(), "overrides": [] },
            "options": self.options(),
            "links": links,
        })
    }

    fn kind(&self) -> &'static str {
        match self.drawn {
            Drawn::Lines | Drawn::Shares => "timeseries",
            Drawn::Number => "stat",
            Drawn::States => "state-timeline",
            Drawn::Text(_) => "text",
        }
    }

    fn targets(&self) -> Vec<Value> {
        let target = |(at, target): (usize, &Target)| {
            json!({
                "refId": reference(at),
                "expr": target.expression,
                "legendFormat": target.legend,
                "editorMode": "code",
                "range": true,
            })
        };
        self.targets.iter().enumerate().map(target).collect()
    }

    fn defaults(&self) -> Value {
        let good = json!({ "color": "green", "value": null });
        let bad = self.limit.map(|limit| json!({ "color": limit.color, "value": limit.at }));
        let steps: Vec<Value> = [Some(good), bad].into_iter().flatten().collect();
        let mut defaults = json!({
            "unit": self.unit,
            "min": 0,
            "thresholds": { "mode": "absolute", "steps": steps },
        });
        let limit_style = if self.limit.is_some() { "dashed" } else { "off" };
        let (custom, color) = match self.drawn {
            Drawn::Lines => (line("none", 10, limit_style), "palette-classic"),
            Drawn::Shares => (line("percent", 50, "off"), "palette-classic"),
            Drawn::States => (json!({ "fillOpacity": 80, "lineWidth": 0 }), "thresholds"),
            Drawn::Number | Drawn::Text(_) => (json!({}), "thresholds"),
        };
        defaults["custom"] = custom;
        defaults["color"] = json!({ "mode": color });
        if matches!(self.drawn, Drawn::States) {
            defaults["mappings"] = states();
            defaults["noValue"] = json!("all closed");
        }
        defaults
    }

    fn options(&self) -> Value {
        let tooltip = json!({ "mode": "multi", "sort": "desc" });
        match self.drawn {
            Drawn::Lines | Drawn::Shares => json!({
                "legend": {
                    "showLegend": true,
                    "displayMode": "table",
                    "placement": "right",
                    "calcs": ["lastNotNull", "max"],
                    "sortBy": "Last *",
                    "sortDesc": true,
                },
                "tooltip": tooltip,
            }),
            Drawn::Number => json!({
                "colorMode": "value",
                "graphMode": "area",
                "justifyMode": "auto",
                "orientation": "auto",
                "textMode": "auto",
                "wideLayout": true,
                "showPercentChange": false,
                "percentChangeColorMode": "standard",
                "reduceOptions": { "calcs": ["lastNotNull"], "fields": "", "values": false },
            }),
            Drawn::States => json!({
                "mergeValues": true,
                "showValue": "auto",
                "alignValue": "left",
                "rowHeight": 0.9,
                "legend": {
                    "showLegend": false,
                    "displayMode": "list",
                    "placement": "bottom",
                    "calcs": [],
                },
                "tooltip": { "mode": "single", "sort": "none" },
            }),
            Drawn::Text(_) => json!({}),
        }
    }
}

/// `A`, `B` … `Z`, `AA`.
fn reference(at: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(at % 26).unwrap_or_default());
    if at < 26 { letter.to_string() } else { format!("{}{letter}", reference(at / 26 - 1)) }
}

fn line(stacking: &str, fill: u32, limit_style: &str) -> Value {
    json!({
        "drawStyle": "line",
        "lineInterpolation": "linear",
        "lineWidth": 1,
        "fillOpacity": fill,
        "showPoints": "never",
        "spanNulls": false,
        "stacking": { "mode": stacking, "group": "A" },
        "thresholdsStyle": { "mode": limit_style },
    })
}

/// What the number of a breaker's state means.
fn states() -> Value {
    json!([{
        "type": "value",
        "options": {
            "0": { "index": 0, "text": "closed", "color": "green" },
            "1": { "index": 1, "text": "half-open", "color": "yellow" },
            "2": { "index": 2, "text": "open", "color": "red" },
        },
    }])
}

#[cfg(test)]
mod tests {
    use super::reference;

    #[test]
    fn every_question_has_a_letter_of_its_own() {
        let letters: Vec<String> = [0, 1, 25, 26, 27, 52].map(reference).into();
        assert_eq!(letters, ["A", "B", "Z", "AA", "AB", "BA"]);
    }
}
