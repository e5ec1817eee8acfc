//! What every code means, for people: `docs/diagnostics.md`, and the same for a terminal.

use std::fmt::Write;

use crate::codes::{Code, Fixtures, Level};
use crate::render::{Style, render};
use crate::syntax::closest;
use crate::{all_codes, fixture};

/// The code of this id or name.
///
/// # Errors
/// The code that was probably meant, where there is none of this.
pub fn find(word: &str) -> Result<&'static Code, Option<&'static Code>> {
    let all = all_codes();
    let called = |word: &str| all.iter().find(|code| code.is_called(word)).copied();
    called(word).ok_or_else(|| {
        let names = all.iter().flat_map(|code| [code.name, code.id]);
        closest(&word.to_ascii_lowercase(), names).and_then(called)
    })
}

/// What a code means, with the mistake, what is said about it, and its remedy.
pub fn entry(code: &Code, style: &Style) -> String {
    let mut text =
        format!("{} {}\n{}\n\n{}\n", code.id, code.name, standing(code), code.explanation);
    for example in examples(code, style) {
        let _ = write!(text, "\n{}\n\n{}", example.title, indented(&example.catalog));
        if let Some(said) = &example.said {
            let _ = write!(text, "\n{}", indented(said));
        }
    }
    text
}

/// `docs/diagnostics.md`.
pub fn page() -> String {
    let mut page = String::from(PREAMBLE);
    let mut area = "";
    for code in all_codes() {
        if code.area() != area {
            area = code.area();
            let _ = write!(page, "\n**{area}**\n\n| | | default | `rules` |\n|---|---|---|---|\n");
        }
        let set = if code.configurable { "can set it" } else { "" };
        let (id, name) = (code.id, code.name);
        let anchor = anchor(code);
        let _ = writeln!(page, "| [{id}](#{anchor}) | `{name}` | {} | {set} |", code.level.word());
    }
    for code in all_codes() {
        let _ = write!(
            page,
            "\n## {} {}\n\n{}\n\n{}\n",
            code.id,
            code.name,
            standing(code),
            code.explanation
        );
        for example in examples(code, &Style::default()) {
            let _ = write!(page, "\n{}\n\n```yaml\n{}```\n", example.title, example.catalog);
            if let Some(said) = &example.said {
                let _ = write!(page, "\n```text\n{said}```\n");
            }
        }
    }
    page
}

const PREAMBLE: &str = "\
# Diagnostics

<!-- Written by `cargo xtask generate` from the table of codes; edit it there. -->

Every finding about a catalog has a code that stays the same for ever. `tidings explain T405` prints its section of this
page. The examples are parts of a catalog that also has `catalog: shop` and `domain: orders`.

`rules` of `catalog.yaml` sets the level of a rule, by its name or its code, to `off`, `warn` or `error`:

```yaml
catalog: shop
rules: { unconsumed-event: off, T405: error }
```

The other codes always stop the build: without what they ask for, the catalog means nothing, the server refuses it, or the
generated code does not compile.
";

/// One of the two catalogs of a code.
struct Example {
    title: &'static str,
    catalog: String,
    said: Option<String>,
}

fn examples(code: &Code, style: &Style) -> Vec<Example> {
    let example = |title, catalog| Example { title, catalog: written(catalog), said: None };
    let said = || said(code, style);
    match code.fixtures {
        Fixtures::Catalogs { failing, passing } => vec![
            Example { said: said(), ..example("This breaks it:", failing) },
            example("This is in order:", passing),
        ],
        Fixtures::Edits { released, failing, passing } => vec![
            example("Where this was released:", released),
            Example { said: said(), ..example("this edit breaks it:", failing) },
            example("This one does not:", passing),
        ],
        Fixtures::Payloads { released, failing, passing } => vec![
            example("Where this payload was released:", released),
            example("this edit breaks it:", failing),
            example("This one does not:", passing),
        ],
        Fixtures::Unknown => Vec::new(),
    }
}

/// The level of a code, in a sentence.
fn standing(code: &Code) -> String {
    let standing = match code.level {
        Level::Off => "Not looked for by default",
        Level::Warn => "A warning",
        Level::Error => "An error",
    };
    let set = if code.configurable { "; `rules` can set it" } else { "" };
    format!("{standing}{set}.")
}

/// A fixture as it can be printed.
fn written(fixture: &str) -> String {
    format!("{}\n", fixture.trim().replace('\0', "\u{2400}"))
}

/// What is said about the failing fixture of a code, under it.
fn said(code: &Code, style: &Style) -> Option<String> {
    let compilation = fixture::failing(&code.fixtures)?;
    let found = compilation.diagnostics.iter().filter(|one| one.code == code.id);
    let shown: Vec<String> =
        found.map(|one| render(one, &compilation.sources, style) + "\n").collect();
    Some(shown.join("\n"))
}

fn indented(text: &str) -> String {
    let lines = text.lines();
    lines.map(|line| format!("    {line}").trim_end().to_owned() + "\n").collect()
}

/// What a heading's link is on the usual sites.
fn anchor(code: &Code) -> String {
    format!("{}-{}", code.id.to_lowercase(), code.name)
}
