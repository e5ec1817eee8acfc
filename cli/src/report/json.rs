//! For machines: one JSON document. Fields are added without notice; [`VERSION`] grows when one changes its meaning.

use serde::Serialize;
use serde_json::Value;

use super::{Finding, Place, Report, Verdict};
use crate::failure::Failure;

/// Of the documents.
pub(crate) const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'r> {
    version: u32,
    command: &'static str,
    passed: bool,
    errors: usize,
    warnings: usize,
    findings: Vec<Entry<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'r Value>,
}

#[derive(Serialize)]
struct Entry<'r> {
    code: Option<&'static str>,
    name: &'static str,
    severity: &'static str,
    message: &'r str,
    #[serde(flatten)]
    place: Option<Range<'r>>,
    help: &'r [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Range<'r>>,
}

#[derive(Serialize)]
struct Range<'r> {
    file: &'r str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    label: &'r str,
}

/// The document on one line, because `check --watch` writes one after the other.
pub(super) fn write(report: &Report) -> Result<String, Failure> {
    let (errors, warnings) = report.count();
    line(&Document {
        version: VERSION,
        command: report.verb,
        passed: report.verdict() == Verdict::Passed,
        errors,
        warnings,
        findings: report.findings.iter().map(entry).collect(),
        data: report.data.as_ref(),
    })
}

/// A document on a line of its own.
pub(crate) fn line(document: &impl Serialize) -> Result<String, Failure> {
    let document = serde_json::to_string(document)
        .map_err(|error| Failure::new(format!("the report cannot be written as JSON: {error}")))?;
    Ok(document + "\n")
}

fn entry(finding: &Finding) -> Entry<'_> {
    let mut places = finding.places.iter().map(range);
    Entry {
        code: finding.code,
        name: finding.name,
        severity: finding.level(),
        message: &finding.message,
        place: places.next(),
        help: &finding.help,
        related: places.collect(),
    }
}

fn range(place: &Place) -> Range<'_> {
    Range {
        file: &place.file,
        line: place.start.line,
        column: place.start.column,
        end_line: place.end.line,
        end_column: place.end.column,
        label: &place.label,
    }
}
