//! What benchmarks came to when somebody last said that it is good, in a file that later runs compare themselves with.

mod circumstances;
mod comparison;
mod row;
mod spread;

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;

use serde::{Deserialize, Serialize};

pub use circumstances::Circumstances;
pub use comparison::Comparison;
pub use row::{Better, Judged, Row, Verdict};
pub use spread::Spread;

/// What one program measured.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Section {
    /// When and where.
    #[serde(flatten)]
    pub circumstances: Circumstances,
    /// What.
    pub rows: Vec<Row>,
}

/// Saves what was found, or compares it with what is saved: the code of failure where something has become worse.
///
/// # Errors
/// The file cannot be read or written, or what was found is of a build that nobody is interested in the speed of.
pub fn conclude(file: &Path, name: &str, found: Section, save: bool) -> Result<ExitCode, String> {
    if cfg!(debug_assertions) {
        return match save {
            true => Err("this is no optimized build, and its figures are not saved".to_owned()),
            false => {
                println!("not compared with {}: this is no optimized build", file.display());
                Ok(ExitCode::SUCCESS)
            }
        };
    }
    if save {
        keep(file, name, found)?;
        println!("saved in {}", file.display());
        return Ok(ExitCode::SUCCESS);
    }
    let Some(comparison) = compare(file, name, &found)? else {
        println!("nothing to compare {name} with: `--save` makes it so in {}", file.display());
        return Ok(ExitCode::SUCCESS);
    };
    println!("{name}, beside {}\n{comparison}", file.display());
    Ok(if comparison.worse().next().is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Puts a section in the place of the one with this name.
fn keep(file: &Path, name: &str, found: Section) -> Result<(), String> {
    let mut sections = read(file)?;
    sections.insert(name.to_owned(), found);
    write(file, &sections)
}

/// None where there is nothing to compare with.
fn compare(file: &Path, name: &str, found: &Section) -> Result<Option<Comparison>, String> {
    Ok(read(file)?.get(name).map(|saved| Comparison::new(saved, found)))
}

fn read(file: &Path) -> Result<BTreeMap<String, Section>, String> {
    match fs::read_to_string(file) {
        Ok(text) => serde_json::from_str(&text).map_err(|error| error.to_string()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error.to_string()),
    }
    .map_err(|error| format!("`{}` cannot be read: {error}", file.display()))
}

fn write(file: &Path, sections: &BTreeMap<String, Section>) -> Result<(), String> {
    let written = serde_json::to_string_pretty(sections)
        .map_err(|error| error.to_string())
        .and_then(|text| fs::write(file, text + "\n").map_err(|error| error.to_string()));
    written.map_err(|error| format!("`{}` cannot be written: {error}", file.display()))
}

/// A whole number with a comma every three digits.
#[must_use]
pub fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(ratio: f64, instructions: f64) -> Section {
        let spread = Spread { median: ratio, lower_quartile: ratio, upper_quartile: ratio };
        let rows = vec![
            Row::spread("publish: tidings", Better::More, spread),
            Row::exact("envelope: write", Better::Less, instructions),
        ];
        Section { circumstances: Circumstances::here(Some("2.15.1")), rows }
    }

    #[test]
    fn later_runs_are_compared_with_what_was_saved_last() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("baseline.json");
        let worse = |found: &Section| {
            let comparison = compare(&file, "steps", found).expect("readable")?;
            Some(comparison.worse().map(|row| row.name.clone()).collect::<Vec<_>>())
        };
        assert_eq!(worse(&section(1.0, 1000.0)), None);
        keep(&file, "ratios", section(9.0, 1.0)).expect("saved");
        assert_eq!(worse(&section(1.0, 1000.0)), None);

        keep(&file, "steps", section(1.0, 1000.5)).expect("saved");
        assert_eq!(worse(&section(1.0, 1000.5)), Some(vec![]));
        assert_eq!(worse(&section(0.8, 1000.5)), Some(vec!["publish: tidings".to_owned()]));
        assert_eq!(worse(&section(1.2, 1100.0)), Some(vec!["envelope: write".to_owned()]));

        keep(&file, "steps", section(0.8, 1100.0)).expect("saved");
        assert_eq!(worse(&section(0.8, 1100.0)), Some(vec![]));
        let sections = read(&file).expect("read");
        assert_eq!(sections["ratios"].rows, section(9.0, 1.0).rows, "another program's stay");
        assert_eq!(sections["steps"].circumstances, section(0.8, 1100.0).circumstances);
    }

    #[test]
    fn a_file_that_is_no_baseline_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("baseline.json");
        fs::write(&file, "{ \"ratios\": 7 }").expect("written");
        let error = read(&file).expect_err("no baseline");
        assert!(error.contains("baseline.json` cannot be read"), "{error}");
    }

    #[test]
    fn long_numbers_are_grouped() {
        for (number, shown) in [(0.4, "0"), (999.6, "1,000"), (1234567.0, "1,234,567")] {
            assert_eq!(grouped(number), shown);
        }
    }
}
