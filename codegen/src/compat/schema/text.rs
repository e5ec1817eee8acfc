use serde_json::Value;

use super::bounds::Side;
use super::view::View;
use super::walk::Walk;
use crate::compat::rule::Hurts;
use crate::compat::rules;

/// Formats that decide how a value is read, so that a value in another one cannot be.
const TYPED: [&str; 7] = ["uuid", "date-time", "date", "base16", "base32", "base64", "base64url"];

impl Walk<'_> {
    /// Compares what is said about strings.
    pub(super) fn texts(&mut self, before: &View<'_>, after: &View<'_>, at: &str) {
        self.limit(before, after, "minLength", Side::Lower, at);
        self.limit(before, after, "maxLength", Side::Upper, at);
        self.patterns(before, after, at);
        for keyword in ["format", "contentEncoding"] {
            self.format(before, after, keyword, at);
        }
    }

    fn patterns(&mut self, before: &View<'_>, after: &View<'_>, at: &str) {
        let (old, new) = (words(before, "pattern"), words(after, "pattern"));
        let lost = old.iter().find(|pattern| !new.contains(pattern));
        let gained = new.iter().find(|pattern| !old.contains(pattern));
        match (lost, gained) {
            (Some(lost), Some(gained)) => {
                let text = format!("the pattern was `{lost}` and is `{gained}`");
                self.hurting(&rules::pattern_tightened::RULE, Hurts::BOTH, at, text);
            }
            (None, Some(gained)) => {
                let text = format!("the pattern `{gained}` is new");
                self.breaks(&rules::pattern_tightened::RULE, at, text);
            }
            (Some(lost), None) => {
                self.breaks(
                    &rules::pattern_lifted::RULE,
                    at,
                    format!("the pattern `{lost}` is gone"),
                );
            }
            (None, None) => {}
        }
    }

    fn format(&mut self, before: &View<'_>, after: &View<'_>, keyword: &str, at: &str) {
        let (old, new) = (words(before, keyword), words(after, keyword));
        let lost = old.iter().find(|format| !new.contains(format));
        let gained = new.iter().find(|format| !old.contains(format));
        match (lost, gained) {
            (Some(lost), Some(gained)) => {
                let text = format!("`{keyword}: {lost}` becomes `{gained}`");
                self.breaks(&rules::format_changed::RULE, at, text);
            }
            (None, Some(gained)) => {
                let text = format!("`{keyword}: {gained}` is new");
                self.breaks(&rules::format_required::RULE, at, text);
            }
            (Some(lost), None) => {
                let rule = if TYPED.contains(lost) {
                    &rules::format_lifted::RULE
                } else {
                    &rules::pattern_lifted::RULE
                };
                self.breaks(rule, at, format!("`{keyword}: {lost}` is gone"));
            }
            (None, None) => {}
        }
    }
}

fn words<'a>(view: &View<'a>, keyword: &str) -> Vec<&'a str> {
    view.keyword(keyword).filter_map(Value::as_str).collect()
}
