use anstyle::{AnsiColor, Style};
use tidings_codegen::diagnostic::{Diagnostic, Severity};
use tidings_codegen::render;
use tidings_codegen::source::{SourceMap, Span};

use crate::output::ERROR;

const FRAME: Style = AnsiColor::BrightBlue.on_default().bold();

/// One thing that was found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    /// Of the rule, such as `T103`; what is no rule of the catalog's language has a name only.
    pub(crate) code: Option<&'static str>,
    /// Of the rule, such as `unknown-event`.
    pub(crate) name: &'static str,
    /// Errors make the verb fail.
    pub(crate) severity: Severity,
    /// What is wrong, in one line.
    pub(crate) message: String,
    /// Where, the place to mend first; none where it is about no file.
    pub(crate) places: Vec<Place>,
    /// What to do about it.
    pub(crate) help: Vec<String>,
    /// As people read it on a terminal, in color.
    pub(crate) shown: String,
}

/// A part of a file, and what is to be said about it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    /// Path from the current folder, with `/` between its parts.
    pub(crate) file: String,
    /// Its first character.
    pub(crate) start: Position,
    /// The character after its last.
    pub(crate) end: Position,
    /// May be empty.
    pub(crate) label: String,
}

/// A place between two characters of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    /// From 1.
    pub(crate) line: usize,
    /// In characters, from 1.
    pub(crate) column: usize,
}

impl Finding {
    /// What codegen has found; `prefix` stands before the paths of the catalog's files.
    pub(crate) fn diagnostic(diagnostic: &Diagnostic, sources: &SourceMap, prefix: &str) -> Self {
        let codes = tidings_codegen::all_codes();
        let code = codes.iter().find(|code| code.id == diagnostic.code);
        let style = render::Style { color: true, prefix: prefix.to_owned() };
        let places = diagnostic.labels.iter().map(|label| Place {
            label: label.text.clone(),
            ..Place::of(label.span, sources, prefix)
        });
        Self {
            code: code.map(|code| code.id),
            name: code.map_or(diagnostic.code, |code| code.name),
            severity: diagnostic.severity,
            message: diagnostic.message.clone(),
            places: places.collect(),
            help: diagnostic.help.clone(),
            shown: render::render(diagnostic, sources, &style),
        }
    }

    /// An error that is about a line of a file and belongs to no rule of the catalog's language. `detail` is shown to
    /// people below the message.
    pub(crate) fn in_file(
        name: &'static str,
        message: impl Into<String>,
        file: &str,
        line: usize,
        help: &str,
        detail: &str,
    ) -> Self {
        let message = message.into();
        let at = Position { line, column: 1 };
        let place = Place { file: file.to_owned(), start: at, end: at, label: String::new() };
        let (error, bold, frame) = (ERROR, Style::new().bold(), FRAME);
        let mut shown = format!(
            "{error}error[{name}]{error:#}{bold}: {message}{bold:#}\n {frame}-->{frame:#} {file}:{line}\n"
        );
        shown.push_str(detail);
        shown.push_str(&format!("  {frame}={frame:#} {bold}help{bold:#}: {help}"));
        Self {
            code: None,
            name,
            severity: Severity::Error,
            message,
            places: vec![place],
            help: vec![help.to_owned()],
            shown,
        }
    }

    /// What is said of it in one word.
    pub(crate) fn level(&self) -> &'static str {
        match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }

    /// Message, words at the place and help as one text of several lines.
    pub(crate) fn text(&self) -> String {
        let label = self.places.first().map(|place| place.label.as_str());
        let label = label.filter(|label| !label.is_empty()).map(str::to_owned);
        let help = self.help.iter().map(|help| format!("help: {help}"));
        let lines: Vec<String> =
            std::iter::once(self.message.clone()).chain(label).chain(help).collect();
        lines.join("\n")
    }

    /// `T103 unknown-event`.
    pub(crate) fn title(&self) -> String {
        match self.code {
            Some(code) => format!("{code} {}", self.name),
            None => self.name.to_owned(),
        }
    }
}

impl Place {
    /// Where a span lies, without words.
    pub(crate) fn of(span: Span, sources: &SourceMap, prefix: &str) -> Self {
        let at = |byte| {
            let (line, column) = sources.position(Span { start: byte, end: byte, ..span });
            Position { line, column }
        };
        Self {
            file: sources.file(span.file).shown(prefix),
            start: at(span.start),
            end: at(span.end.max(span.start)),
            label: String::new(),
        }
    }
}
