//! Workflow commands of GitHub Actions, which become annotations of a pull request.

use std::path::{Component, Path};

use super::{Finding, Place, Report, counted};
use crate::output::slashed;

pub(super) fn write(report: &Report) -> String {
    let workspace = std::env::var_os("GITHUB_WORKSPACE");
    let current = std::env::current_dir().ok();
    let from_root = |file: &str| match (&workspace, &current) {
        (Some(root), Some(current)) => below(Path::new(root), &current.join(file)),
        _ => None,
    };
    let mut text = String::new();
    for finding in &report.findings {
        let file = finding.places.first().map(|place| &place.file);
        let file = file.map(|file| from_root(file).unwrap_or_else(|| file.clone()));
        text.push_str(&command(finding, file.as_deref()));
        text.push('\n');
    }
    let (errors, warnings) = report.count();
    text + &format!("{}, {}\n", counted(errors, "error"), counted(warnings, "warning"))
}

/// The path as GitHub knows it: from the root of the checkout.
fn below(root: &Path, file: &Path) -> Option<String> {
    let mut plain = std::path::PathBuf::new();
    for part in file.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain.strip_prefix(root).ok().map(slashed)
}

fn command(finding: &Finding, file: Option<&str>) -> String {
    let mut properties = Vec::new();
    if let (Some(Place { start, end, .. }), Some(file)) = (finding.places.first(), file) {
        properties.push(("file", file.to_owned()));
        properties.push(("line", start.line.to_string()));
        properties.push(("endLine", end.line.to_string()));
        // Columns count only within one line.
        if start.line == end.line {
            properties.push(("col", start.column.to_string()));
            properties.push(("endColumn", end.column.to_string()));
        }
    }
    properties.push(("title", finding.title()));
    let properties: Vec<String> = properties
        .into_iter()
        .map(|(name, value)| {
            format!("{name}={}", escaped(&value).replace(':', "%3A").replace(',', "%2C"))
        })
        .collect();
    format!("::{} {}::{}", finding.level(), properties.join(","), escaped(&finding.text()))
}

fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_checkout() {
        for (file, shown) in [
            ("/home/ann/shop/event-catalog/../docs/EVENTS.md", Some("docs/EVENTS.md")),
            ("/home/ann/shop/./a.yaml", Some("a.yaml")),
            ("/elsewhere/a.yaml", None),
        ] {
            let found = below(Path::new("/home/ann/shop"), Path::new(file));
            assert_eq!(found.as_deref(), shown, "{file}");
        }
    }
}
