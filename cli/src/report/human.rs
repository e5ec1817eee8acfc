//! For people: each finding with the lines it is about, as rustc shows its own.

use super::Report;

pub(super) fn write(report: &Report, quiet: bool) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        text.push_str(&finding.shown);
        text.push_str("\n\n");
    }
    if !report.summary.is_empty() && !quiet {
        text.push_str(&report.summary);
        text.push('\n');
    }
    text
}
