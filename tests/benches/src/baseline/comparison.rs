use std::fmt;

use super::{Judged, Section, Verdict};

/// A run beside the one that is saved.
#[derive(Debug)]
pub struct Comparison {
    /// What both have, in the order of the run.
    judged: Vec<Judged>,
    /// What is not saved.
    new: Vec<String>,
    /// What is saved and was not measured.
    missing: Vec<String>,
    /// In what the circumstances differ.
    remarks: Vec<String>,
    /// Which commit is saved.
    commit: String,
}

impl Comparison {
    /// Compares what was found with what is saved, row by row.
    #[must_use]
    pub fn new(saved: &Section, found: &Section) -> Self {
        let (mut judged, mut new) = (Vec::new(), Vec::new());
        for row in &found.rows {
            match saved.rows.iter().find(|saved| saved.name == row.name) {
                Some(saved) => judged.push(row.judge(saved)),
                None => new.push(row.name.clone()),
            }
        }
        let gone =
            saved.rows.iter().filter(|saved| !found.rows.iter().any(|row| row.name == saved.name));
        Self {
            judged,
            new,
            missing: gone.map(|row| row.name.clone()).collect(),
            remarks: saved.circumstances.differences(&found.circumstances),
            commit: saved.circumstances.commit.clone().unwrap_or_else(|| "unknown".to_owned()),
        }
    }

    /// What has become worse.
    pub fn worse(&self) -> impl Iterator<Item = &Judged> {
        self.judged.iter().filter(|judged| judged.verdict == Verdict::Worse)
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { judged, new, missing, remarks, commit } = self;
        writeln!(f, "saved at commit {commit}; a change within the tolerance may be chance\n")?;
        for remark in remarks {
            writeln!(f, "  note: {remark}")?;
        }
        writeln!(f, "  {:64}{:>11}{:>11}{:>9}{:>11}", "", "saved", "found", "change", "tolerance")?;
        for Judged { name, saved, found, change, tolerance, verdict } in judged {
            let verdict = match verdict {
                Verdict::Better => "better",
                Verdict::Same => "same",
                Verdict::Worse => "WORSE",
            };
            let (change, tolerance) = (format!("{:+.1} %", change * 100.0), tolerance * 100.0);
            let (saved, found) = (shown(*saved), shown(*found));
            let tolerance = format!("{tolerance:.1} %");
            writeln!(f, "  {name:64}{saved:>11}{found:>11}{change:>9}{tolerance:>11}  {verdict}")?;
        }
        for name in new {
            writeln!(f, "  {name}: new, `--save` keeps it")?;
        }
        if !missing.is_empty() {
            writeln!(f, "  saved and not measured: {}", missing.join("; "))?;
        }
        let worse: Vec<String> = self
            .worse()
            .map(|Judged { name, saved, found, change, tolerance, .. }| {
                let (saved, found) = (shown(*saved), shown(*found));
                let (change, tolerance) = (change * 100.0, tolerance * 100.0);
                format!(
                    "  {name}: {saved} at {commit}, {found} now, {change:+.1} % where {tolerance:.1} % may be chance"
                )
            })
            .collect();
        if !worse.is_empty() {
            writeln!(f, "\nworse than saved:\n{}", worse.join("\n"))?;
            writeln!(f, "run it again on a quiet machine; where it is meant, `--save` accepts it")?;
        }
        Ok(())
    }
}

/// With as many digits as tell something.
fn shown(figure: f64) -> String {
    match figure {
        figure if figure.abs() < 100.0 => format!("{figure:.3}"),
        figure => super::grouped(figure),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Better, Circumstances, Row};
    use super::*;

    fn section(commit: &str, server: &str, rows: &[(&str, f64)]) -> Section {
        let here = Circumstances::here(Some(server));
        let circumstances = Circumstances { commit: Some(commit.to_owned()), ..here };
        let rows = rows.iter().map(|(name, figure)| Row::exact(*name, Better::Less, *figure));
        Section { circumstances, rows: rows.collect() }
    }

    #[test]
    fn each_row_is_judged_and_a_worse_one_named_with_its_figures() {
        let saved = section("1234abc", "2.15.1", &[("a", 100.0), ("b", 1000.0), ("gone", 1.0)]);
        let found = section("5678def", "2.15.1", &[("a", 90.0), ("b", 1100.0), ("new", 5.0)]);
        let comparison = Comparison::new(&saved, &found);
        let worse: Vec<&str> = comparison.worse().map(|judged| &*judged.name).collect();
        assert_eq!(worse, ["b"]);
        let text = comparison.to_string();
        for line in [
            "new: new, `--save` keeps it",
            "saved and not measured: gone",
            "b: 1,000 at 1234abc, 1,100 now, +10.0 % where 2.0 % may be chance",
        ] {
            assert!(text.contains(line), "{line:?} is not in\n{text}");
        }
        let judged = |name: &str, verdict: &str| {
            let mut lines = text.lines().filter(|line| line.trim_start().starts_with(name));
            assert!(lines.any(|line| line.ends_with(verdict)), "{name} {verdict}\n{text}");
        };
        judged("a ", "better");
        judged("b ", "WORSE");
    }

    #[test]
    fn nothing_is_worse_than_itself() {
        let saved = section("1234abc", "2.15.1", &[("a", 100.0)]);
        let comparison = Comparison::new(&saved, &saved);
        assert_eq!(comparison.worse().count(), 0);
        let text = comparison.to_string();
        assert!(!text.contains("note:") && !text.contains("worse than saved"), "{text}");
    }

    #[test]
    fn other_circumstances_are_told() {
        let saved = section("1234abc", "2.14.1", &[]);
        let text = Comparison::new(&saved, &section("1234abc", "2.15.1", &[])).to_string();
        assert!(text.contains("note: saved with nats-server 2.14.1, found with 2.15.1"), "{text}");
    }
}
