use crate::codes;
use crate::model::SubjectToken;
use crate::naming;
use crate::source::Span;
use crate::syntax::Spanned;

use super::Context;
use crate::syntax::Text;

/// The Rust name of an event: the tokens after its domain, all of them where only one follows.
pub(super) fn event(id: &str) -> String {
    let tokens: Vec<&str> = id.split('.').collect();
    match tokens.as_slice() {
        [_, _] => naming::pascal(id),
        [_, action @ ..] => naming::pascal(&action.join(".")),
        [] => String::new(),
    }
}

/// An event's type as its subject.
pub(super) fn subject(id: &str) -> Vec<SubjectToken> {
    id.split('.').map(|token| SubjectToken::Literal(token.to_owned())).collect()
}

/// A text for people, if there is one.
pub(super) fn text(text: Option<&Spanned<Text>>) -> Option<String> {
    text.map(|text| text.value.0.clone())
}

impl Context<'_> {
    /// The Rust name of a type that a file or a key names.
    pub(super) fn type_name(&mut self, name: &str, span: Span) -> String {
        let pascal = naming::pascal(name);
        if name.is_ascii() && pascal.starts_with(|c: char| c.is_ascii_uppercase()) {
            return pascal;
        }
        self.found.push(
            codes::TYPE_NAME
                .at(span, format!("`{name}` gives no name for a Rust type"))
                .help("begin it with a letter, and use letters, digits, `-` and `_`"),
        );
        let ascii: String = pascal.chars().filter(char::is_ascii_alphanumeric).collect();
        format!("Type{ascii}")
    }
}
