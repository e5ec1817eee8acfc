use serde_json::{Value, json};

use super::super::desired::{MARK, WantedConsumer, filters, mark};
use super::super::settings::CONSUMER;
use super::{Class, Difference, Object, patterns, setting};
use crate::broker::jetstream::ConsumerInfo;
use crate::catalog::Start;

pub(super) fn compare(
    catalog: &str,
    wanted: &WantedConsumer,
    info: &ConsumerInfo,
) -> Vec<Difference> {
    let actual = &info.settings;
    let object = Object::consumer(&wanted.stream, &wanted.name);
    let present = filters(actual);
    let mut all = Vec::new();
    if wanted.covering.as_ref().is_none_or(|covering| present != [covering.as_str()]) {
        all.extend(compare_filters(&object, &present, &wanted.filters));
    }
    all.extend(setting::compare(CONSUMER, &object, actual, &wanted.settings));
    all.extend(start(&object, actual.get("deliver_policy"), wanted.start));
    match mark(actual) {
        Some(owner) if owner == catalog => {}
        None => all.push(
            Difference::new(object, Class::Safe, "is not marked as the catalog's").of_setting(
                MARK,
                Value::Null,
                json!(catalog),
            ),
        ),
        Some(owner) => of_another(&mut all, object, owner),
    }
    all
}

/// Two catalogs that name a durable alike share it, as they do the sweeper of one stream of dead letters.
fn of_another(all: &mut Vec<Difference>, object: Object, owner: &str) {
    for one in all.iter_mut().filter(|one| !one.note) {
        one.class = Class::Foreign;
        one.help = Some(format!("the consumer has the settings of the catalog `{owner}`"));
    }
    let text = format!("belongs to the catalog `{owner}`");
    all.push(Difference::new(object, Class::Foreign, text).noted());
}

/// Where a new consumer is to begin is remembered by its stream, which is not touched where it is external.
pub(super) fn leave_recreations(differences: &mut [Difference]) {
    let anew = differences.iter_mut().filter(|one| one.class == Class::Recreation);
    for one in anew {
        one.external = true;
        one.help = Some(
            "its stream is external and not touched: delete the consumer by hand, when it has settled everything"
                .to_owned(),
        );
    }
}

/// A consumer without a filter reads all.
fn compare_filters(object: &Object, present: &[String], wanted: &[String]) -> Vec<Difference> {
    let everything = [">".to_owned()];
    let present = if present.is_empty() { &everything[..] } else { present };
    patterns::compare(object, present, wanted, &patterns::FILTERS)
}

/// Where it began is long past.
fn start(object: &Object, policy: Option<&Value>, wanted: Start) -> Option<Difference> {
    let began = policy.and_then(Value::as_str).unwrap_or("all");
    let same = match wanted {
        Start::All => began == "all",
        Start::New => began == "new",
    };
    // By a sequence it was told where the one before it had come to.
    (!same && began != "by_start_sequence").then(|| {
        let text = format!("began with {began}; what the catalog says now is for new ones");
        Difference::new(object.clone(), Class::Kept, text).of_setting(
            "deliver_policy",
            json!(began),
            Value::Null,
        )
    })
}
