//! Event types, subjects and references to events.

use super::form::Form;
use super::reader::Scalar;
use super::scalar::is_snake_case;
use crate::model::SubjectToken;

/// `orders.order.created`.
#[derive(Clone, Debug)]
pub(crate) struct EventType(pub(crate) String);

impl Scalar for EventType {
    const EXPECTED: &'static str = "an event type such as `orders.order.created`";
    const FORM: Form =
        Form::Pattern { pattern: r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$", examples: &[] };

    fn parse(text: &str) -> Option<Self> {
        let tokens = text.split('.').count();
        (tokens > 1 && text.split('.').all(is_snake_case)).then(|| Self(text.to_owned()))
    }

    fn advice(text: &str) -> Option<String> {
        let tokens: Vec<String> = text.split('.').map(crate::naming::snake).collect();
        let meant = tokens.join(".");
        if meant != text && Self::parse(&meant).is_some() {
            return Some(format!("write `{meant}`"));
        }
        Some("two or more names in snake_case, the domain first, with dots between".to_owned())
    }
}

/// `orders.{region}.order.created`.
#[derive(Clone, Debug)]
pub(crate) struct Subject(pub(crate) Vec<SubjectToken>);

impl Scalar for Subject {
    const EXPECTED: &'static str = "a subject such as `orders.{region}.order.created`";
    const FORM: Form = Form::Pattern {
        pattern: r"^([A-Za-z0-9_-]+|\{[^{} .]+\})(\.([A-Za-z0-9_-]+|\{[^{} .]+\}))*$",
        examples: &[],
    };

    fn parse(text: &str) -> Option<Self> {
        let tokens: Vec<SubjectToken> =
            text.split('.').map(subject_token).collect::<Option<_>>()?;
        repeated(&tokens).is_none().then_some(Self(tokens))
    }

    fn advice(text: &str) -> Option<String> {
        if text.contains(['*', '>']) {
            return Some(
                "an event has one place: write `{property}` for a part that varies".into(),
            );
        }
        let tokens: Option<Vec<SubjectToken>> = text.split('.').map(subject_token).collect();
        if let Some(name) = tokens.as_deref().and_then(repeated) {
            return Some(format!("`{{{name}}}` stands twice: each property fills one token"));
        }
        Some("tokens are letters, digits, `_` and `-`, or `{property}`, with dots between".into())
    }
}

/// The first property that fills more than one token.
fn repeated(tokens: &[SubjectToken]) -> Option<&str> {
    tokens.iter().enumerate().find_map(|(at, token)| match token {
        SubjectToken::Property(name) if tokens[..at].contains(token) => Some(name.as_str()),
        _ => None,
    })
}

fn subject_token(token: &str) -> Option<SubjectToken> {
    match token.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(property) => {
            let plain = !property.is_empty() && !property.contains(['{', '}', ' ']);
            plain.then(|| SubjectToken::Property(property.to_owned()))
        }
        None => is_token(token).then(|| SubjectToken::Literal(token.to_owned())),
    }
}

/// What a stream captures: `orders.>`.
#[derive(Clone, Debug)]
pub(crate) struct Filter(pub(crate) String);

impl Scalar for Filter {
    const EXPECTED: &'static str = "a subject filter such as `orders.>`";
    const FORM: Form = Form::Pattern {
        pattern: r"^(([A-Za-z0-9_-]+|\*)\.)*([A-Za-z0-9_-]+|\*|>)$",
        examples: &[],
    };

    fn parse(text: &str) -> Option<Self> {
        is_filter(text).then(|| Self(text.to_owned()))
    }

    fn advice(_: &str) -> Option<String> {
        Some("`*` stands for one token, `>` for all that follow".to_owned())
    }
}

fn is_filter(text: &str) -> bool {
    let last = text.split('.').count() - 1;
    text.split('.').enumerate().all(|(at, token)| match token {
        "*" => true,
        ">" => at == last,
        _ => is_token(token),
    })
}

fn is_token(token: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    !token.is_empty() && token.chars().all(fits)
}

/// `orders.order.created`, `orders.order.created@2` or a pattern: `auth.user.*`.
#[derive(Clone, Debug)]
pub(crate) struct EventRef {
    pub(crate) text: String,
    pub(crate) major: Option<u16>,
}

impl EventRef {
    pub(crate) fn is_pattern(&self) -> bool {
        self.text.contains(['*', '>'])
    }
}

impl Scalar for EventRef {
    const EXPECTED: &'static str = "an event such as `orders.order.created@2`";
    const FORM: Form = Form::Pattern {
        pattern: r"^([a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+|(([A-Za-z0-9_-]+|\*)\.)*([A-Za-z0-9_-]+|\*|>))(@0*[1-9][0-9]*)?$",
        examples: &[],
    };

    fn parse(text: &str) -> Option<Self> {
        let (name, major) = match text.split_once('@') {
            Some((name, major)) => {
                let digits = major.bytes().all(|b| b.is_ascii_digit());
                let major = digits.then(|| major.parse::<u16>().ok()).flatten()?;
                (name, Some(major).filter(|major| *major > 0)?.into())
            }
            None => (text, None),
        };
        let reference = Self { text: name.to_owned(), major };
        let fits =
            if reference.is_pattern() { is_filter(name) } else { EventType::parse(name).is_some() };
        fits.then_some(reference)
    }

    fn advice(text: &str) -> Option<String> {
        match text.split_once('@') {
            Some((name, major)) if major.contains('.') => {
                let major = major.split('.').next().unwrap_or_default();
                Some(format!("a reference names a major version: write `{name}@{major}`"))
            }
            _ => Some(
                "write an event's type, with `@2` for a major version, or a pattern such as `auth.user.*`"
                    .to_owned(),
            ),
        }
    }
}
