//! What may be sent on, and what listened to.

use super::CoreError;

/// Bytes that a subject may have: a server ends the connection where a line of its protocol is longer than 4 KiB.
const LONGEST: usize = 1024;

const ONE: &str = "*";
const REST: &str = ">";

/// Whether a message can be sent there.
pub(super) fn check(subject: &str) -> Result<(), CoreError> {
    let wild = subject.split('.').any(|token| [ONE, REST].contains(&token));
    if wild {
        return invalid(subject, "wildcards stand for subjects, a message has one");
    }
    check_pattern(subject)
}

/// Whether it can be listened to.
pub(super) fn check_pattern(subject: &str) -> Result<(), CoreError> {
    if subject.len() > LONGEST {
        return invalid(subject, "it is longer than 1,024 bytes");
    }
    if subject.split('.').any(str::is_empty) {
        return invalid(subject, "between its dots are tokens that are not empty");
    }
    if !prints(subject) {
        return invalid(subject, "it has no white space or control characters");
    }
    let before_last = subject.rsplit_once('.').map_or("", |(before, _)| before);
    if before_last.split('.').any(|token| token == REST) {
        return invalid(subject, "`>` is the last token");
    }
    Ok(())
}

/// Whether it can be the name of a group.
pub(super) fn check_group(name: &str) -> Result<(), CoreError> {
    if name.is_empty() || name.len() > LONGEST || !prints(name) {
        return Err(CoreError::Group { name: name.to_owned() });
    }
    Ok(())
}

fn prints(text: &str) -> bool {
    !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

fn invalid(subject: &str, reason: &'static str) -> Result<(), CoreError> {
    Err(CoreError::Subject { subject: subject.to_owned(), reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_reach_other_subjects_or_break_the_connection_is_refused() {
        for (subject, sent, heard) in [
            ("presence.web", true, true),
            ("presence.Grüße", true, true),
            ("presence.a*b", true, true),
            ("presence.*", false, true),
            ("presence.>", false, true),
            ("*", false, true),
            (">", false, true),
            ("", false, false),
            ("presence.", false, false),
            ("presence..web", false, false),
            ("presence.>.web", false, false),
            ("presence.a b", false, false),
            ("presence.a\r\nPUB b 0", false, false),
            ("presence.a\0b", false, false),
            (&"x".repeat(1025), false, false),
        ] {
            assert_eq!(check(subject).is_ok(), sent, "{subject:?}");
            assert_eq!(check_pattern(subject).is_ok(), heard, "{subject:?}");
        }
    }

    #[test]
    fn a_group_is_one_word() {
        for (name, fits) in [("web", true), ("web.eu", true), ("", false), ("a b", false)] {
            assert_eq!(check_group(name).is_ok(), fits, "{name:?}");
        }
    }
}
