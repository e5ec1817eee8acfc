//! JUnit's XML: a suite a file, a failed test an error. A file without errors is a test that passed.

use std::collections::BTreeMap;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use tidings_codegen::diagnostic::Severity;

use super::{Finding, Report};
use crate::failure::Failure;

pub(super) fn write(report: &Report) -> Result<String, Failure> {
    let name = format!("tidings {}", report.verb);
    let mut files: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for file in &report.checked {
        files.entry(file).or_default();
    }
    for finding in &report.findings {
        let file = finding.places.first().map_or(name.as_str(), |place| place.file.as_str());
        files.entry(file).or_default().push(finding);
    }
    let mut document = quick_junit::Report::new(name.as_str());
    document.add_test_suites(files.iter().map(|(file, findings)| suite(file, findings)));
    document
        .to_string()
        .map_err(|error| Failure::new(format!("the report cannot be written as XML: {error}")))
}

fn suite(file: &str, findings: &[&Finding]) -> TestSuite {
    let mut suite = TestSuite::new(file);
    for finding in findings {
        suite.add_test_case(case(file, finding));
    }
    if findings.iter().all(|finding| finding.severity != Severity::Error) {
        let mut whole = TestCase::new("no errors", TestCaseStatus::success());
        whole.set_classname(file);
        suite.add_test_case(whole);
    }
    suite
}

fn case(file: &str, finding: &Finding) -> TestCase {
    let shown = anstream::adapter::strip_str(&finding.shown).to_string();
    let status = match finding.severity {
        Severity::Error => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type(finding.name).set_message(&finding.message).set_description(&shown);
            status
        }
        Severity::Warning => TestCaseStatus::success(),
    };
    let line =
        finding.places.first().map_or(String::new(), |place| format!(":{}", place.start.line));
    let mut case = TestCase::new(format!("{}{line}", finding.title()), status);
    case.set_classname(file);
    if finding.severity == Severity::Warning {
        case.set_system_out(shown);
    }
    case
}
