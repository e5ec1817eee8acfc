use serde_json::{Value, json};

use super::super::actual::Actual;
use super::super::desired::{MARK, WantedStream, mark, texts};
use super::super::recreate::resume_marks;
use super::super::settings::STREAM;
use super::{Class, Difference, Object, patterns, setting};
use crate::broker::jetstream::StreamInfo;
use crate::catalog::Ownership;

pub(super) fn missing(wanted: &WantedStream) -> Difference {
    let object = Object::stream(&wanted.name);
    let external = wanted.ownership == Ownership::External;
    let text = if external { "does not exist, and is external" } else { "does not exist" };
    let mut missing = Difference::new(object, Class::Missing, text);
    if external {
        missing.external = true;
        missing = missing.help("whoever looks after it has to create it");
    }
    missing
}

pub(super) fn compare(catalog: &str, wanted: &WantedStream, info: &StreamInfo) -> Vec<Difference> {
    let actual = &info.settings;
    let object = Object::stream(&wanted.name);
    let (mut settings, mut subjects) = (wanted.settings.clone(), wanted.subjects.clone());
    let present = texts(actual.get("subjects"));
    let is = |key: &str, value: &Value| actual.get(key) == Some(value);
    let schedules = subjects.contains(&wanted.schedules);
    if schedules && (is("deny_purge", &json!(true)) || is("discard", &json!("new"))) {
        // It cannot take schedules then, and is no worse otherwise.
        subjects.retain(|subject| *subject != wanted.schedules || present.contains(subject));
        for key in ["allow_msg_schedules", "allow_rollup_hdrs"] {
            settings.insert(key.to_owned(), actual.get(key).cloned().unwrap_or_default());
        }
    }
    let mut all = patterns::compare(&object, &present, &subjects, &patterns::SUBJECTS);
    all.extend(setting::compare(STREAM, &object, actual, &settings));
    let fixed = ["mirror", "sealed"]
        .into_iter()
        .find(|key| all.iter().any(|one| one.setting.as_deref() == Some(key)));
    if let Some(fixed) = fixed {
        // Nothing else can be changed, and follows from it.
        all.retain(|one| one.setting.as_deref() == Some(fixed));
        return all;
    }
    if wanted.ownership == Ownership::External {
        return external(all);
    }
    match mark(actual) {
        Some(owner) if owner == catalog => {}
        None => all.push(
            Difference::new(object, Class::Safe, "is not marked as the catalog's").of_setting(
                MARK,
                Value::Null,
                json!(catalog),
            ),
        ),
        Some(owner) => return of_another(all, object, owner),
    }
    all
}

/// What is somebody else's is compared, and may hold more than is asked for.
fn external(mut all: Vec<Difference>) -> Vec<Difference> {
    for one in &mut all {
        one.external = true;
        if one.class == Class::Narrowing {
            one.class = Class::Kept;
            one.note = true;
        } else if !one.note {
            one.help = Some("the stream is external: whoever looks after it changes it".to_owned());
        }
    }
    all
}

/// A stream that several catalogs share has the settings of the first; each adds its subjects.
fn of_another(mut all: Vec<Difference>, object: Object, owner: &str) -> Vec<Difference> {
    for one in all.iter_mut().filter(|one| !one.note) {
        if one.setting.as_deref() != Some("subjects") {
            one.class = Class::Foreign;
            one.help = Some(format!("the stream has the settings of the catalog `{owner}`"));
        } else if one.class == Class::Narrowing {
            one.class = Class::Kept;
            one.note = true;
        }
    }
    let text = format!("belongs to the catalog `{owner}`");
    all.push(
        Difference::new(object, Class::Foreign, text)
            .help("say `ownership: external` of it here, or give one of the two another name")
            .noted(),
    );
    all
}

/// What is left of recreations that have come to their end.
pub(super) fn unfinished(wanted: &WantedStream, actual: &Actual) -> Vec<Difference> {
    let Some(info) = actual.streams.get(&wanted.name) else { return Vec::new() };
    let exists =
        |name: &str| actual.consumers.contains_key(&(wanted.name.clone(), name.to_owned()));
    let marks = resume_marks(&info.settings).into_iter();
    marks
        .filter(|(consumer, ..)| exists(consumer))
        .map(|(consumer, key, from)| {
            let text = format!("remembers where `{consumer}` was to begin when it was made anew");
            Difference::new(Object::stream(&wanted.name), Class::Safe, text).of_setting(
                &key,
                json!(from.to_string()),
                Value::Null,
            )
        })
        .collect()
}
