//! Structured mode as this SDK writes it: attributes that are plain texts, without a space between them, and the payload behind
//! them. To read that takes less than half of what it takes to read any JSON.

use std::borrow::Cow;

use memchr::memchr;
use serde_json::value::RawValue;

use super::{Envelope, EnvelopeError, Received, Shared, shared};

/// Reads what is written so. None where anything is otherwise, which does not say that it is wrong.
pub(super) fn read<'a>(
    body: &'a str,
    shared: &Shared<'a>,
) -> Option<Result<Received<'a>, EnvelopeError>> {
    let (head, rest) = body.split_at_checked(shared.length()?)?;
    // Without an escape, each quotation mark begins or ends a text.
    let plain = |byte: u8| byte >= b' ' && byte != b'\\';
    if !head.bytes().fold(true, |all, byte| all & plain(byte)) {
        return None;
    }
    let data = rest.strip_prefix(shared::PAYLOAD)?.strip_suffix('}')?;
    let (mut envelope, mut specified) = (Envelope::default(), false);
    let mut members = head.strip_prefix('{')?;
    while !members.is_empty() {
        let (name, behind) = text(members)?;
        let (value, behind) = text(behind.strip_prefix(':')?)?;
        members = behind.strip_prefix(',')?;
        specified |= name == "specversion";
        if name == "data_base64" {
            return None;
        }
        if let Err(fault) = envelope.set(name, Cow::Borrowed(value), shared) {
            return Some(Err(fault));
        }
    }
    // Last, as it may be long, and is read once more where something before it is otherwise.
    let data: &RawValue = serde_json::from_str(data).ok()?;
    Some(match specified {
        true => Received::new(envelope, Some(Cow::Borrowed(data.get()))),
        false => Err(EnvelopeError::Missing("specversion")),
    })
}

/// The text that JSON begins with, and what is behind it.
fn text(json: &str) -> Option<(&str, &str)> {
    let begun = json.strip_prefix('"')?;
    let end = memchr(b'"', begun.as_bytes())?;
    Some((begun.get(..end)?, begun.get(end + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::envelope::read::Data;
    use crate::message::envelope::structured;

    const BODY: &str = concat!(
        r#"{"specversion":"1.0","id":"0190b7a4-5c1e","source":"/shop/orders","type":"orders.created","time":"2026-01-15T10:00:00.25Z","#,
        r#""subject":"Grüße","datacontenttype":"application/json","schemaversion":"2.0","majors":"1,2","custom":"","data":{"a":["}",1]}}"#,
    );

    /// Whether it is written so; where it is, it is read as any JSON.
    fn is_plain(body: &str) -> bool {
        let shared = || Shared::of(body);
        let Some(plain) = read(body, &shared()) else { return false };
        let told = |read: Result<Received<'_>, EnvelopeError>| match read {
            Ok(Received { envelope, data: Data::Here(data) }) => Ok((envelope, data.into_owned())),
            Ok(Received { data: Data::There(_), .. }) => panic!("it is there: {body}"),
            Err(error) => Err(error.to_string()),
        };
        assert_eq!(told(plain), told(structured::read_any(body, shared())), "{body}");
        true
    }

    #[test]
    fn what_this_sdk_writes_is_plain() {
        assert!(is_plain(BODY));
        let in_order = BODY.replace("custom", "data");
        assert!(!is_plain(&in_order), "two payloads");
        for (part, other, plain) in [
            (r#""custom":"""#, r#""custom":"data""#, true),
            (r#""custom":"""#, r#""custom":null"#, false),
            (r#""custom":"""#, r#""data_base64":"e30=""#, false),
            (r#""custom":"""#, r#""custom":"\"""#, false),
            (r#""custom":"""#, "\"custom\":\"\t\"", false),
            (r#"{"a":["}",1]}}"#, r#" {} }"#, true),
            (r#"{"a":["}",1]}}"#, r#"{},"custom":"late"}"#, false),
            (r#"{"a":["}",1]}}"#, r#"{}"#, false),
            (r#""specversion":"1.0","#, "", true),
            ("1.0", "0.3", true),
            ("2026", "x", true),
            ("application/json", "text/xml", true),
        ] {
            assert_eq!(is_plain(&BODY.replace(part, other)), plain, "{part} as {other}");
        }
    }

    #[test]
    fn whatever_becomes_of_a_byte_it_is_read_as_any_json() {
        let bytes = BODY.as_bytes();
        let mut read = 0;
        for at in 0..bytes.len() {
            for with in ["", "\"", "\\", "{", "}", ":", ",", " ", "\n", "1", "\":\"", "\",\""] {
                for cut in 0..=1 {
                    let whole = [&bytes[..at], with.as_bytes(), &bytes[at + cut..]].concat();
                    let text = str::from_utf8(&whole);
                    read += text.map_or(0, |text| usize::from(is_plain(text)));
                }
            }
        }
        assert!(read > 1000, "{read} of them are plain");
    }
}
