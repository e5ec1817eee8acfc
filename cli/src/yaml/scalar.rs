//! Texts on one line: plain where every YAML reader takes them for the text that they are, quoted elsewhere.

use std::borrow::Cow;

/// Words that some version of YAML takes for a truth value or for nothing.
const RESERVED: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

/// Characters that some readers take for the end of a line, or for nothing.
const BREAKS: [char; 3] = ['\u{feff}', '\u{2028}', '\u{2029}'];

/// A text; `flow` where it stands inside of brackets.
pub(super) fn text(text: &str, flow: bool) -> Cow<'_, str> {
    if is_plain(text, flow) { Cow::Borrowed(text) } else { Cow::Owned(quoted(text)) }
}

/// A key.
pub(super) fn key(key: &str) -> Cow<'_, str> {
    let version =
        key.split_once('.').is_some_and(|(major, minor)| is_digits(major) && is_digits(minor));
    if version { Cow::Borrowed(key) } else { text(key, true) }
}

fn is_plain(text: &str, flow: bool) -> bool {
    let (Some(first), Some(last)) = (text.chars().next(), text.chars().next_back()) else {
        return false;
    };
    let dash = first == '-' && text[1..].starts_with(|c: char| c.is_ascii_alphabetic());
    let begins = dash || !" \t-?:,[]{}#&*!|>'\"%@`~=<".contains(first);
    let special = |c: char| c.is_control() || BREAKS.contains(&c);
    let ends = !matches!(last, ' ' | '\t' | ':');
    let marks = [": ", " #"].iter().any(|mark| text.contains(mark)) || text.contains(special);
    let brackets = flow && text.contains([',', '[', ']', '{', '}']);
    let reserved = RESERVED.contains(&text.to_ascii_lowercase().as_str());
    begins && ends && !marks && !brackets && !reserved && !is_number(text) && !is_date(text)
}

/// Whether a reader could take it for a number, of YAML 1.1 too: `1_000`, `0x1f`, `1e3`, `12:30:45`, `.inf`.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let lower = digits.to_ascii_lowercase();
    if [".inf", ".nan"].contains(&lower.as_str()) {
        return true;
    }
    if !lower.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return false;
    }
    let radix = ["0x", "0o", "0b"].iter().find_map(|prefix| lower.strip_prefix(prefix));
    if let Some(radix) = radix {
        return radix.chars().all(|c| c.is_ascii_hexdigit() || c == '_');
    }
    let dots = lower.matches('.').count();
    dots < 2 && lower.chars().all(|c| c.is_ascii_digit() || "._:e+-".contains(c))
}

/// Whether a reader could take it for a date or a time: `2026-01-15`, `2026-01-15T09:30:00Z`.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    year.is_some_and(|year| year.len() == 4 && is_digits(year))
        && month.is_some_and(|month| month.len() <= 2 && is_digits(month))
        && day.is_some_and(|day| day.starts_with(|c: char| c.is_ascii_digit()))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if c.is_control() || BREAKS.contains(&c) => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    #[test]
    fn texts_are_quoted_where_they_could_be_something_else() {
        for (text, block, flow) in [
            ("The order.", "The order.", "The order."),
            ("019cadd3-8782-7db2-b428-1a2d94af3083", "019cadd3-8782-7db2-b428-1a2d94af3083", ""),
            ("1.2.3", "1.2.3", ""),
            ("a, b", "a, b", "\"a, b\""),
            ("", "\"\"", ""),
            ("yes", "\"yes\"", ""),
            ("Null", "\"Null\"", ""),
            ("~", "\"~\"", ""),
            ("60311", "\"60311\"", ""),
            ("1e3", "\"1e3\"", ""),
            ("0x1F", "\"0x1F\"", ""),
            ("12:30:45", "\"12:30:45\"", ""),
            ("-.inf", "\"-.inf\"", ""),
            ("2026-01-15", "\"2026-01-15\"", ""),
            ("2026-01-15T09:30:00Z", "\"2026-01-15T09:30:00Z\"", ""),
            ("@admin", "\"@admin\"", ""),
            ("-minus", "-minus", ""),
            ("- item", "\"- item\"", ""),
            ("a: b", "\"a: b\"", ""),
            ("a:b", "a:b", ""),
            ("end:", "\"end:\"", ""),
            ("a #b", "\"a #b\"", ""),
            ("a#b", "a#b", ""),
            ("say \"hi\"", "say \"hi\"", ""),
            ("\"hi\"", "\"\\\"hi\\\"\"", ""),
            (" padded ", "\" padded \"", ""),
            ("bell\u{7}", "\"bell\\u0007\"", ""),
            ("größer", "größer", ""),
        ] {
            assert_eq!(super::text(text, false), block);
            assert_eq!(super::text(text, true), if flow.is_empty() { block } else { flow });
        }
    }

    #[test]
    fn versions_are_keys_as_they_stand() {
        for (key, written) in [("1.0", "1.0"), ("10", "\"10\""), ("on", "\"on\""), ("$ref", "$ref")]
        {
            assert_eq!(super::key(key), written);
        }
    }
}
