//! What streams capture and consumers read.

use std::slice;

use super::{INVALID_CONFIG, refused};
use crate::broker::BrokerError;
use crate::broker::pattern::Pattern;

/// The patterns of one stream or consumer, which may not overlap.
pub(super) fn patterns(texts: &[&str], overlapping: u64) -> Result<Vec<Pattern>, BrokerError> {
    let mut patterns: Vec<Pattern> = Vec::with_capacity(texts.len());
    for text in texts {
        let pattern = pattern(text)?;
        if let Some((ours, theirs)) = overlap(slice::from_ref(&pattern), &patterns) {
            return Err(refused(overlapping, format!("`{ours}` overlaps with `{theirs}`")));
        }
        patterns.push(pattern);
    }
    Ok(patterns)
}

pub(super) fn pattern(text: &str) -> Result<Pattern, BrokerError> {
    Pattern::parse(text)
        .ok_or_else(|| refused(INVALID_CONFIG, format!("`{text}` is not a subject with wildcards")))
}

/// The first of ours and of theirs that match a common subject.
pub(super) fn overlap<'a>(
    ours: &'a [Pattern],
    theirs: &'a [Pattern],
) -> Option<(&'a str, &'a str)> {
    let mut pairs = ours.iter().flat_map(|own| theirs.iter().map(move |their| (own, their)));
    let (own, their) = pairs.find(|(own, their)| own.overlaps(their))?;
    Some((own.as_str(), their.as_str()))
}
