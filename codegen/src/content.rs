//! From the bytes of a file to a text that may be YAML.

use crate::codes::{self, Code};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// Larger than any file that people write by hand.
pub(crate) const MAX_BYTES: usize = 1 << 20;

/// The text of a file, to show, and why it cannot be YAML.
pub(crate) struct Content {
    pub(crate) text: String,
    problem: Option<Problem>,
}

struct Problem {
    code: &'static Code,
    /// The bytes that it is about.
    place: (usize, usize),
    message: String,
    help: Option<&'static str>,
}

impl Content {
    /// Reads the bytes of a file, or says why there are none.
    pub(crate) fn new(bytes: Result<Vec<u8>, String>) -> Self {
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => return Self::nothing(format!("this file cannot be read: {error}"), None),
        };
        if bytes.len() > MAX_BYTES {
            let help = "a catalog has a file for each event; leave out what is no part of it";
            return Self::nothing("this file is larger than 1 MiB".to_owned(), Some(help));
        }
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            let help = "save the file as UTF-8";
            return Self::nothing("this file is UTF-16".to_owned(), Some(help));
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let length = text[at..].chars().next().map_or(0, char::len_utf8);
                let message = "this file is not UTF-8".to_owned();
                let help = Some("save the file as UTF-8");
                let place = (at, length);
                return Self {
                    text,
                    problem: Some(Problem { code: codes::UNREADABLE, place, message, help }),
                };
            }
        };
        let problem = control(&text).or_else(|| foreign(&text));
        Self { text, problem }
    }

    fn nothing(message: String, help: Option<&'static str>) -> Self {
        let problem = Problem { code: codes::UNREADABLE, place: (0, 0), message, help };
        Self { text: String::new(), problem: Some(problem) }
    }

    /// Why the text cannot be YAML, once it stands in a file.
    pub(crate) fn problem(&self, file: FileId) -> Option<Diagnostic> {
        let problem = self.problem.as_ref()?;
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let (start, length) = problem.place;
        let span = Span { file, start: offset(start), end: offset(start + length) };
        let finding = problem.code.at(span, problem.message.as_str());
        Some(match problem.help {
            Some(help) => finding.help(help),
            None => finding,
        })
    }
}

/// A character that no text has.
fn control(text: &str) -> Option<Problem> {
    let (at, c) = text
        .char_indices()
        .find(|(_, c)| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}'))?;
    Some(Problem {
        code: codes::UNREADABLE,
        place: (at, c.len_utf8()),
        message: format!("this is not text: it holds the control character U+{:04X}", u32::from(c)),
        help: Some("remove it; in double quotes it can be written as an escape such as `\\x1b`"),
    })
}

/// Text that is something else than YAML.
fn foreign(text: &str) -> Option<Problem> {
    let at = |code, start: usize, message: &str, help| {
        let length = text[start..].lines().next().unwrap_or_default().trim_end().len();
        Some(Problem {
            code,
            place: (start, length),
            message: message.to_owned(),
            help: Some(help),
        })
    };
    let body = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let start = text.len() - body.len();
    if body.starts_with("version https://git-lfs.github.com/spec/") {
        let help = "run `git lfs pull`, or keep the catalog's files out of LFS";
        return at(codes::UNREADABLE, start, "this is a pointer of Git LFS, not the file", help);
    }
    if let Some(start) = conflict(text) {
        let help =
            "keep one of the two sides, and remove the lines `<<<<<<<`, `=======` and `>>>>>>>`";
        return at(codes::YAML_SYNTAX, start, "a merge conflict is not resolved here", help);
    }
    if body.starts_with("```") {
        let help = "remove the lines that begin and end it";
        return at(codes::YAML_SYNTAX, start, "this is a code block of Markdown", help);
    }
    if body.starts_with('<') && !body.starts_with("<<") {
        let help = "write the entry in YAML: `event: orders.order.created` …";
        return at(codes::YAML_SYNTAX, start, "this is XML or HTML, not YAML", help);
    }
    None
}

/// Where the first mark of a merge conflict begins.
fn conflict(text: &str) -> Option<usize> {
    ["<<<<<<< ", ">>>>>>> "]
        .into_iter()
        .filter_map(|mark| {
            if text.starts_with(mark) {
                return Some(0);
            }
            text.match_indices(mark).map(|(at, _)| at).find(|at| text[..*at].ends_with('\n'))
        })
        .min()
}
