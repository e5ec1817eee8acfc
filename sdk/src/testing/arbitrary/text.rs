use std::cell::RefCell;
use std::collections::HashMap;

use proptest::collection::vec;
use proptest::prelude::{BoxedStrategy, Strategy};
use proptest::strategy::Union;
use proptest::string::string_regex;
use regress::Regex;
use serde_json::{Map, Value};

/// How much longer than it must be a text without a greatest length is.
const LONGER: u64 = 24;

/// What texts of a format look like.
const FORMATS: &[(&str, &str)] = &[
    ("date", DATE),
    ("date-time", TIME_OF_A_DAY),
    ("duration", "P([1-9][0-9]?D|T[1-9][0-9]?H)"),
    ("email", EMAIL),
    ("hostname", HOST),
    ("idn-email", EMAIL),
    ("idn-hostname", HOST),
    ("ipv4", r"(25[0-5]|1[0-9]{2}|[1-9]?[0-9])(\.(25[0-5]|1[0-9]{2}|[1-9]?[0-9])){3}"),
    ("ipv6", "[0-9a-f]{1,4}(:[0-9a-f]{1,4}){7}"),
    ("iri", ADDRESS),
    ("iri-reference", ADDRESS),
    ("json-pointer", "(/[a-z0-9]{1,8}){0,3}"),
    ("regex", "[a-z]{1,8}"),
    ("relative-json-pointer", "[0-9](/[a-z0-9]{1,8}){0,3}"),
    ("time", "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"),
    ("uri", ADDRESS),
    ("uri-reference", ADDRESS),
    ("uri-template", ADDRESS),
    ("uuid", "[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
];
const DATE: &str = "(19[7-9][0-9]|20[0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])";
const TIME_OF_A_DAY: &str = "(19[7-9][0-9]|20[0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])\
    T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z";
const EMAIL: &str = r"[a-z][a-z0-9]{0,9}@[a-z]{1,10}\.example";
const HOST: &str = r"[a-z]{1,10}\.example";
const ADDRESS: &str = r"https://[a-z]{1,10}\.example/[a-z0-9]{0,10}";

/// What texts of an encoding look like.
const ENCODINGS: &[(&str, &str)] = &[
    ("base16", "([0-9A-F]{2}){0,16}"),
    ("base32", "([A-Z2-7]{8}){0,4}"),
    ("base64", "([A-Za-z0-9+/]{4}){0,8}"),
    ("base64url", "([A-Za-z0-9_-]{4}){0,8}"),
];

/// Makes texts. What a regular expression is for is worked out once.
#[derive(Default)]
pub(super) struct Texts(RefCell<HashMap<String, BoxedStrategy<String>>>);

impl Texts {
    /// Texts of this format or pattern, and of this length.
    pub(super) fn of(
        &self,
        event_type: &str,
        schema: &Map<String, Value>,
    ) -> BoxedStrategy<String> {
        let length = |name: &str| schema.get(name).and_then(Value::as_u64);
        let (least, most) = (length("minLength").unwrap_or(0), length("maxLength"));
        let patterns: Vec<&str> = patterns(schema).collect();
        let texts = match (shape(schema), patterns.as_slice()) {
            // What has a pattern too is found among those of the format.
            (Some(known), _) => self.like(event_type, known),
            (None, []) => return plain(least, most),
            (None, patterns) => {
                let wholes: Vec<String> =
                    patterns.iter().map(|pattern| whole(pattern, least)).collect();
                let in_a_row = (wholes.len() > 1).then(|| wholes.concat());
                let shapes = wholes.iter().chain(&in_a_row);
                Union::new(shapes.map(|shape| self.like(event_type, shape))).boxed()
            }
        };
        let patterns: Vec<Regex> =
            patterns.iter().filter_map(|pattern| Regex::with_flags(pattern, "u").ok()).collect();
        let fits = move |text: &String| {
            let length = text.chars().count() as u64;
            length >= least
                && most.is_none_or(|most| length <= most)
                && patterns.iter().all(|pattern| pattern.find(text).is_some())
        };
        texts.prop_filter("another length or pattern", fits).boxed()
    }

    fn like(&self, event_type: &str, shape: &str) -> BoxedStrategy<String> {
        let mut known = self.0.borrow_mut();
        let texts = known.entry(shape.to_owned()).or_insert_with(|| {
            let texts = string_regex(shape).unwrap_or_else(|error| {
                panic!("`{event_type}`: no text can be made for the pattern `{shape}`: {error}")
            });
            texts.boxed()
        });
        texts.clone()
    }
}

/// What texts of the format or the encoding look like, where it is known.
fn shape(schema: &Map<String, Value>) -> Option<&'static str> {
    let known = |table: &[(&str, &'static str)], keyword: &str| {
        let name = schema.get(keyword)?.as_str()?;
        Some(table.iter().find(|(known, _)| *known == name)?.1)
    };
    known(FORMATS, "format").or_else(|| known(ENCODINGS, "contentEncoding"))
}

/// Any characters.
fn plain(least: u64, most: Option<u64>) -> BoxedStrategy<String> {
    let most = most.unwrap_or(u64::MAX).min(least.saturating_add(LONGER)).max(least);
    let [least, most] = [least, most].map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    let characters = vec(proptest::char::any(), least..=most);
    characters.prop_map(|characters| characters.into_iter().collect()).boxed()
}

/// All of which a text must match.
fn patterns(schema: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let joined = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
    let joined = joined.filter_map(|part| part.get("pattern"));
    schema.get("pattern").into_iter().chain(joined).filter_map(Value::as_str)
}

/// The pattern, for a generator of whole texts: where it has no anchor, anything of ASCII goes. Classes of ECMA-262 are of ASCII.
fn whole(pattern: &str, least: u64) -> String {
    let (begins, pattern) = match pattern.strip_prefix('^') {
        Some(pattern) => (true, pattern),
        None => (false, pattern),
    };
    let ends = pattern.ends_with('$') && !pattern.ends_with(r"\$");
    let pattern = if ends { &pattern[..pattern.len() - 1] } else { pattern };
    let anything =
        |is_bound| if is_bound { String::new() } else { format!("[ -~]{{0,{}}}", least + 3) };
    let (before, after) = (anything(begins), anything(ends));
    format!("{before}(?:{}){after}", of_ascii(pattern))
}

fn of_ascii(pattern: &str) -> String {
    let (mut written, mut in_class, mut characters) = (String::new(), false, pattern.chars());
    while let Some(character) = characters.next() {
        match character {
            '\\' => match (characters.next(), in_class) {
                (Some('d'), true) => written.push_str("0-9"),
                (Some('d'), false) => written.push_str("[0-9]"),
                (Some('w'), true) => written.push_str("A-Za-z0-9_"),
                (Some('w'), false) => written.push_str("[A-Za-z0-9_]"),
                (Some('s'), _) => written.push(' '),
                (Some(other), _) => written.extend(['\\', other]),
                (None, _) => written.push('\\'),
            },
            other => {
                in_class = match other {
                    '[' => true,
                    ']' => false,
                    _ => in_class,
                };
                written.push(other);
            }
        }
    }
    written
}
