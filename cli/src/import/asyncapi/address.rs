use crate::import::names;

/// A subject, made of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) tokens: Vec<Token>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Word(String),
    Parameter(String),
}

impl Subject {
    /// `a/{b}-c` → `a.{b}.c`: tokens of NATS are whole parameters or words of letters, digits, `_` and `-`.
    pub(super) fn of(address: &str) -> Self {
        let mut subject = Self::default();
        let mut rest = address;
        while let Some(start) = rest.find('{') {
            let Some(length) = rest[start..].find('}') else { break };
            subject.words(&rest[..start]);
            let name = rest[start + 1..start + length].trim();
            let parameter = Token::Parameter(name.to_owned());
            if name.is_empty() || name.contains([' ', '{']) {
                subject.words(name);
            } else if !subject.tokens.contains(&parameter) {
                subject.tokens.push(parameter);
            }
            rest = &rest[start + length + 1..];
        }
        subject.words(rest);
        subject
    }

    fn words(&mut self, text: &str) {
        for token in text.split(['/', '.', ':']) {
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            let word: String = token.chars().map(|c| if fits(c) { c } else { '-' }).collect();
            let word = word.trim_matches('-');
            if word.chars().any(|c| c.is_ascii_alphanumeric()) {
                self.tokens.push(Token::Word(word.to_owned()));
            }
        }
    }

    /// With another token at its end.
    pub(super) fn with(&self, word: &str) -> Self {
        let mut subject = self.clone();
        subject.tokens.push(Token::Word(word.to_owned()));
        subject
    }

    /// With another token at its beginning.
    pub(super) fn under(&self, word: &str) -> Self {
        let mut subject = self.clone();
        subject.tokens.insert(0, Token::Word(word.to_owned()));
        subject
    }

    /// The word that it begins with.
    pub(super) fn first_word(&self) -> Option<&str> {
        match self.tokens.first() {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        }
    }

    /// What is neither a parameter nor a mere number, as names.
    pub(super) fn names(&self) -> Vec<String> {
        let words = self.tokens.iter().filter_map(|token| match token {
            Token::Word(word) if word.chars().any(|c| c.is_ascii_alphabetic()) => names::name(word),
            _ => None,
        });
        words.collect()
    }

    pub(super) fn parameters(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().filter_map(|token| match token {
            Token::Parameter(name) => Some(name.as_str()),
            Token::Word(_) => None,
        })
    }

    /// With another name for a parameter.
    pub(super) fn renamed(&self, from: &str, to: &str) -> Self {
        let tokens = self.tokens.iter().map(|token| match token {
            Token::Parameter(name) if name == from => Token::Parameter(to.to_owned()),
            token => token.clone(),
        });
        Self { tokens: tokens.collect() }
    }

    /// `a.{b}.c`.
    pub(super) fn template(&self) -> String {
        self.joined(|name| format!("{{{name}}}"))
    }

    /// `a.*.c`.
    pub(super) fn filter(&self) -> String {
        self.joined(|_| "*".to_owned())
    }

    fn joined(&self, parameter: impl Fn(&str) -> String) -> String {
        let tokens = self.tokens.iter().map(|token| match token {
            Token::Word(word) => word.clone(),
            Token::Parameter(name) => parameter(name),
        });
        tokens.collect::<Vec<_>>().join(".")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_subjects() {
        for (address, template) in [
            ("orders.order.created", "orders.order.created"),
            ("comment/{commentId}/changed", "comment.{commentId}.changed"),
            ("/v1.0/a b/ü", "v1.0.a-b"),
            ("adeo-{env}-study-{version}", "adeo.{env}.study.{version}"),
            ("{queue}", "{queue}"),
            ("a/{x}/{x}", "a.{x}"),
            ("a/{/b", "a.b"),
            ("ros:/topic?x={y}", "ros.topic-x.{y}"),
            ("/", ""),
        ] {
            assert_eq!(Subject::of(address).template(), template, "{address}");
        }
    }
}
