//! Subjects with wildcards: what a stream captures, what a consumer reads.

/// A subject in which `*` stands for any one token and a final `>` for one or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    text: Box<str>,
    tokens: Box<[Token]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Literal(Box<str>),
    One,
    Rest,
}

impl Pattern {
    /// `None` where a token is empty or holds white space, or where `>` is not the last one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if !is_subject(text) {
            return None;
        }
        let tokens: Box<[Token]> = text
            .split('.')
            .map(|token| match token {
                "*" => Token::One,
                ">" => Token::Rest,
                _ => Token::Literal(token.into()),
            })
            .collect();
        let (_, before_last) = tokens.split_last()?;
        (!before_last.contains(&Token::Rest)).then(|| Self { text: text.into(), tokens })
    }

    /// The pattern as it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The only subject that it matches, if it has no wildcards.
    pub(in crate::broker) fn as_literal(&self) -> Option<&str> {
        let literal = self.tokens.iter().all(|token| matches!(token, Token::Literal(_)));
        literal.then_some(self.as_str())
    }

    /// What every subject that it matches begins with.
    pub(in crate::broker) fn known(&self) -> &str {
        let tokens = self.tokens.iter().map_while(|token| match token {
            Token::Literal(text) => Some(text.len() + 1),
            Token::One | Token::Rest => None,
        });
        &self.text[..tokens.sum::<usize>().min(self.text.len())]
    }

    /// Whether a subject is one of those that the pattern stands for.
    ///
    /// As on a server, a wildcard in a published subject is text: `s.*` is matched by `s.*` but not by `s.a`.
    pub(crate) fn matches(&self, subject: &str) -> bool {
        let mut theirs = subject.split('.');
        for own in &self.tokens {
            match (own, theirs.next()) {
                (Token::Rest, Some(_)) => return true,
                (Token::One, Some(_)) => {}
                (Token::Literal(own), Some(token)) if **own == *token => {}
                _ => return false,
            }
        }
        theirs.next().is_none()
    }

    /// Whether every subject that the other matches is matched by this one.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let mut theirs = other.tokens.iter();
        for own in &self.tokens {
            match (own, theirs.next()) {
                (Token::Rest, Some(_)) => return true,
                (Token::One, Some(Token::One | Token::Literal(_))) => {}
                (Token::Literal(own), Some(Token::Literal(token))) if own == token => {}
                _ => return false,
            }
        }
        theirs.next().is_none()
    }

    /// What matches the subjects that are matched by both, if there are any.
    pub(crate) fn intersection(&self, other: &Self) -> Option<Self> {
        let (mut ours, mut theirs) = (self.text.split('.'), other.text.split('.'));
        let mut both = Vec::new();
        loop {
            match (ours.next(), theirs.next()) {
                (Some(">"), Some(rest)) => {
                    both.push(rest);
                    both.extend(theirs);
                    break;
                }
                (Some(rest), Some(">")) => {
                    both.push(rest);
                    both.extend(ours);
                    break;
                }
                (Some(own), Some("*")) => both.push(own),
                (Some("*"), Some(token)) => both.push(token),
                (Some(own), Some(token)) if own == token => both.push(own),
                (None, None) => break,
                _ => return None,
            }
        }
        Self::parse(&both.join("."))
    }

    /// Whether some subject is matched by both.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        for pair in self.tokens.iter().zip(&other.tokens) {
            match pair {
                (Token::Rest, _) | (_, Token::Rest) => return true,
                (Token::Literal(own), Token::Literal(token)) if own != token => return false,
                _ => {}
            }
        }
        self.tokens.len() == other.tokens.len()
    }
}

/// Whether a message can be published on it: tokens that are not empty, and no white space.
pub(in crate::broker) fn is_subject(text: &str) -> bool {
    text.split('.').all(|token| !token.is_empty() && !token.contains(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(text).unwrap_or_else(|| panic!("`{text}` is a pattern"))
    }

    #[test]
    fn only_whole_tokens_make_a_pattern() {
        for (text, accepted) in [
            ("orders", true),
            ("orders.*.created", true),
            ("orders.>", true),
            (">", true),
            ("orders.a*b.>c", true),
            ("", false),
            (".", false),
            ("orders.", false),
            ("orders..created", false),
            ("orders.>.created", false),
            ("orders created", false),
        ] {
            assert_eq!(Pattern::parse(text).is_some(), accepted, "{text:?}");
        }
    }

    #[test]
    fn wildcards_stand_for_whole_tokens() {
        for (filter, subject, matches) in [
            ("orders.created", "orders.created", true),
            ("orders.created", "orders.create", false),
            ("orders.created", "orders.created.eu", false),
            ("orders.created.eu", "orders.created", false),
            ("orders.*", "orders.created", true),
            ("orders.*", "orders", false),
            ("orders.*", "orders.created.eu", false),
            ("*.*.eu", "orders.created.eu", true),
            ("orders.>", "orders.created", true),
            ("orders.>", "orders.created.eu", true),
            ("orders.>", "orders", false),
            ("orders.>", "orderss.created", false),
            (">", "orders", true),
            ("orders.a*b", "orders.axb", false),
            ("orders.*", "orders.*", true),
            ("orders.created", "orders.*", false),
        ] {
            assert_eq!(pattern(filter).matches(subject), matches, "{filter} over {subject}");
        }
    }

    /// Every sequence of up to `longest` of the tokens, joined by dots.
    fn all(tokens: &[&str], longest: usize) -> Vec<String> {
        let mut found: Vec<String> = tokens.iter().map(ToString::to_string).collect();
        let mut last = 0..found.len();
        for _ in 1..longest {
            let end = found.len();
            for shorter in last {
                for token in tokens {
                    found.push(format!("{}.{token}", found[shorter]));
                }
            }
            last = end..found.len();
        }
        found
    }

    #[test]
    fn patterns_overlap_exactly_where_a_subject_matches_both() {
        let subjects = all(&["a", "b", "c"], 4);
        let patterns: Vec<_> =
            all(&["a", "b", "*", ">"], 3).iter().filter_map(|text| Pattern::parse(text)).collect();
        for one in &patterns {
            for other in &patterns {
                let shared = subjects.iter().find(|s| one.matches(s) && other.matches(s));
                let (left, right) = (one.as_str(), other.as_str());
                assert_eq!(one.overlaps(other), shared.is_some(), "{left} {right} {shared:?}");
                let both = one.intersection(other);
                for subject in &subjects {
                    let expected = one.matches(subject) && other.matches(subject);
                    let found = both.as_ref().is_some_and(|both| both.matches(subject));
                    assert_eq!(found, expected, "{left} {right} {both:?} {subject}");
                }
            }
        }
    }
}
