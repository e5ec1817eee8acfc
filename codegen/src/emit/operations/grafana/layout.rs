//! Where panels stand: in rows, from left to right, 24 columns wide.

use serde_json::{Value, json};

use super::panel::{DATASOURCE, Panel};
use super::{Entries, RUNBOOK_PANEL};

const COLUMNS: u32 = 24;

/// A heading with panels, which are not there until it is opened.
pub(super) struct Row {
    title: String,
    is_open: bool,
    panels: Vec<Panel>,
}

impl Row {
    pub(super) fn open(title: &str, panels: Vec<Panel>) -> Self {
        Self { title: title.to_owned(), is_open: true, panels }
    }

    pub(super) fn closed(title: &str, panels: Vec<Panel>) -> Self {
        Self { title: title.to_owned(), is_open: false, panels }
    }
}

/// The panels of all rows, with their places and numbers.
pub(super) fn panels(rows: Vec<Row>, entries: &Entries<'_>) -> Vec<Value> {
    let mut page = Page { next_id: RUNBOOK_PANEL + 1, y: 0 };
    let mut panels = Vec::new();
    for row in rows {
        let id = page.number();
        let place = json!({ "x": 0, "y": page.y, "w": COLUMNS, "h": 1 });
        page.y += 1;
        let inside = page.fill(&row.panels, entries);
        let (inside, after) = if row.is_open { (Vec::new(), inside) } else { (inside, Vec::new()) };
        panels.push(json!({
            "id": id,
            "type": "row",
            "title": row.title,
            "collapsed": !row.is_open,
            "datasource": { "type": "prometheus", "uid": DATASOURCE },
            "gridPos": place,
            "panels": inside,
        }));
        panels.extend(after);
    }
    panels
}

struct Page {
    next_id: u32,
    y: u32,
}

impl Page {
    fn number(&mut self) -> u32 {
        self.next_id += 1;
        self.next_id - 1
    }

    /// Places panels in lines, each as high as its highest panel.
    fn fill(&mut self, panels: &[Panel], entries: &Entries<'_>) -> Vec<Value> {
        let (mut x, mut height) = (0, 0);
        let mut placed = Vec::new();
        for panel in panels {
            let (w, h) = panel.size();
            if x + w > COLUMNS {
                self.y += height;
                (x, height) = (0, 0);
            }
            let id = if panel.is_text() { RUNBOOK_PANEL } else { self.number() };
            let place = json!({ "x": x, "y": self.y, "w": w, "h": h });
            placed.push(panel.json(id, &place, entries));
            x += w;
            height = height.max(h);
        }
        self.y += height;
        placed
    }
}
