//! Percent-decoding, for addresses and headers.

/// Replaces `%XX`; a percent sign without two hexadecimal digits stands for itself. None where the result is not UTF-8.
pub(crate) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = match (first, tail) {
            (b'%', [high, low, ..]) => digit(*high).zip(digit(*low)),
            _ => None,
        };
        match escaped {
            Some((high, low)) => {
                bytes.push(high << 4 | low);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    #[test]
    fn decodes_what_is_encoded_and_leaves_the_rest() {
        for (text, expected) in [
            ("p%40ss", Some("p@ss")),
            ("Gr%c3%BC%C3%9Fe", Some("Grüße")),
            ("100 %", Some("100 %")),
            ("%4", Some("%4")),
            ("%zz", Some("%zz")),
            ("%ff", None),
        ] {
            assert_eq!(super::decoded(text).as_deref(), expected, "{text}");
        }
    }
}
