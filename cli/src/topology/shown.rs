//! For people.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use tidings::topology::{Action, Applied, Class, Difference, Object, Plan, Step};

use crate::output::ERROR;
use crate::report::counted;

const BOLD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const CHANGE: Style = AnsiColor::Yellow.on_default();
const FAINT: Style = Style::new().dimmed();

/// What would be done: a step for each stream and consumer, with what it is for.
pub(crate) fn planned(plan: &Plan) -> String {
    let mut text = String::new();
    for step in plan.steps() {
        let (sign, style) = sign(step.action);
        let _ = writeln!(
            text,
            "{style}{sign}{style:#} {BOLD}{}{BOLD:#} {}",
            step.object.path(),
            step_words(&step)
        );
        if step.action != Action::Create {
            for difference in &step.ends {
                let _ = writeln!(text, "    {style}{sign}{style:#} {}", difference.text);
            }
        }
        for difference in &step.leaves {
            left(&mut text, difference);
        }
    }
    text
}

/// Everything that differs, thing by thing.
pub(crate) fn drifted(plan: &Plan) -> String {
    let mut text = String::new();
    let mut about: Option<&Object> = None;
    let mut all: Vec<&Difference> = plan.differences().chain(plan.notes()).collect();
    all.sort_by(|a, b| a.object.cmp(&b.object));
    for difference in all {
        if about != Some(&difference.object) {
            let _ = writeln!(text, "{BOLD}{}{BOLD:#}", difference.object.path());
            about = Some(&difference.object);
        }
        let (sign, style) = match difference.class {
            _ if difference.note => (" ", FAINT),
            _ if difference.external => ("!", ERROR),
            Class::Missing => ("+", GOOD),
            Class::Safe => ("~", CHANGE),
            _ => ("!", ERROR),
        };
        let class = difference.class.as_str();
        let _ = writeln!(
            text,
            "  {style}{sign}{style:#} {} {FAINT}[{class}]{FAINT:#}",
            difference.text
        );
        if let Some(help) = &difference.help {
            let _ = writeln!(text, "      {FAINT}{help}{FAINT:#}");
        }
    }
    text
}

/// What was done, what was refused, and what is left.
pub(crate) fn applied(applied: &Applied) -> String {
    let mut text = String::new();
    for (object, action) in &applied.done {
        let (sign, style) = sign(*action);
        let _ = writeln!(
            text,
            "{style}{sign}{style:#} {BOLD}{}{BOLD:#} {}",
            object.path(),
            past(*action)
        );
    }
    for refusal in &applied.refused {
        let path = refusal.object.path();
        let _ = writeln!(text, "{ERROR}x{ERROR:#} {BOLD}{path}{BOLD:#} {}", refusal.reason);
    }
    let refused = |object: &Object| applied.refused.iter().any(|one| one.object == *object);
    for step in applied.left.steps().iter().filter(|step| !refused(step.object)) {
        let path = step.object.path();
        let _ = writeln!(text, "{ERROR}!{ERROR:#} {BOLD}{path}{BOLD:#} is left as it is");
        for difference in step.leaves.iter().chain(&step.ends) {
            left(&mut text, difference);
        }
    }
    text
}

/// `2 to create, 1 to change, 1 that stays`, or that nothing is to do.
pub(crate) fn summary(plan: &Plan) -> String {
    if plan.is_clean() {
        let (server, catalog) = (plan.server(), plan.catalog());
        return format!(
            "no changes: nats-server {server} is as the catalog `{catalog}` says for `{}`",
            plan.environment()
        );
    }
    let steps = plan.steps();
    let kinds = [
        (Action::Create, "to create"),
        (Action::Update, "to change"),
        (Action::Recreate, "to make anew"),
        (Action::Delete, "to delete"),
        (Action::Leave, "left as it is"),
    ];
    let counts = kinds.iter().filter_map(|(action, words)| {
        let count = steps.iter().filter(|step| step.action == *action).count();
        (count > 0).then(|| format!("{count} {words}"))
    });
    counts.collect::<Vec<_>>().join(", ")
}

/// How many differences there are.
pub(crate) fn count(plan: &Plan) -> String {
    counted(plan.differences().count(), "difference")
}

/// A difference that stays, and what to do about it.
fn left(text: &mut String, difference: &Difference) {
    let _ = writeln!(text, "    {ERROR}!{ERROR:#} {}", difference.text);
    let path = difference.object.path();
    let consent = match difference.class {
        _ if difference.external => None,
        Class::Narrowing => Some("narrow"),
        Class::Recreation | Class::OneWay => Some("recreate"),
        Class::Orphan => Some("delete"),
        _ => None,
    };
    let consent = consent.map(|verb| format!("`--{verb} {path}` allows it"));
    let lines = difference.help.iter().chain(&consent);
    for line in lines {
        let _ = writeln!(text, "        {FAINT}{line}{FAINT:#}");
    }
}

fn sign(action: Action) -> (&'static str, Style) {
    match action {
        Action::Create => ("+", GOOD),
        Action::Update => ("~", CHANGE),
        Action::Recreate => ("-/+", CHANGE),
        Action::Delete => ("-", ERROR),
        _ => ("!", ERROR),
    }
}

fn step_words(step: &Step<'_>) -> &'static str {
    match step.action {
        Action::Create => "is created",
        Action::Update => "is changed",
        Action::Recreate => "is deleted and made anew",
        Action::Delete => "is deleted, with all that it holds",
        _ => "is left as it is",
    }
}

fn past(action: Action) -> &'static str {
    match action {
        Action::Create => "was created",
        Action::Update => "was changed",
        Action::Recreate => "was made anew",
        Action::Delete => "was deleted",
        _ => "was left",
    }
}
