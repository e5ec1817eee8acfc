//! One setting after the other.

use serde_json::Value;

use super::super::settings::{APART, Rule, Setting, is_empty};
use super::super::words;
use super::{Class, Difference, Object};
use crate::broker::jetstream::Settings;

/// Every setting of the table that is not as wanted, and what is set beside them.
pub(super) fn compare(
    table: &'static [Setting],
    object: &Object,
    actual: &Settings,
    wanted: &Settings,
) -> Vec<Difference> {
    let known = table.iter().filter_map(|setting| {
        let is = setting.normal(actual.get(setting.key));
        let should = setting.normal(wanted.get(setting.key));
        let is_wanted = wanted.contains_key(setting.key);
        let same =
            is == should || (setting.rule == Rule::FixedMinimum && !setting.narrows(&should, &is));
        (!same).then(|| difference(setting, object, is, should, is_wanted))
    });
    let unknown = actual.iter().filter(|(key, value)| {
        let is_known = table.iter().any(|setting| setting.key == *key);
        !is_known
            && !APART.contains(&key.as_str())
            && !is_empty(value)
            && **value != Value::Bool(false)
    });
    let unknown = unknown.map(|(key, value)| {
        let shown = words::value(value, words::Unit::None);
        let text = format!("{key} is {shown}, which Tidings knows nothing about; it stays");
        Difference::new(object.clone(), Class::Kept, text).of_setting(
            key,
            value.clone(),
            Value::Null,
        )
    });
    known.chain(unknown).collect()
}

fn difference(
    setting: &Setting,
    object: &Object,
    is: Value,
    should: Value,
    is_wanted: bool,
) -> Difference {
    let key = setting.key;
    let class = class(setting, &is, &should, is_wanted);
    let shown = words::value(&is, setting.unit);
    let text = match class {
        Class::Kept => format!("{key} is {shown}, about which the catalog says nothing; it stays"),
        _ if is_wanted => {
            format!("{key} is {shown}, the catalog says {}", words::value(&should, setting.unit))
        }
        _ => format!("{key} is {shown} instead of {}", words::value(&should, setting.unit)),
    };
    let help = match class {
        Class::Narrowing => Some(loss(setting)),
        Class::OneWay => Some(format!("no server takes `{key}` back")),
        Class::Recreation if key == "mirror" => Some(
            "whoever copies it looks after it: it wants to be `ownership: external`".to_owned(),
        ),
        Class::Recreation => Some(format!("no server changes `{key}` of what exists")),
        _ => None,
    };
    let found = Difference::new(object.clone(), class, text).of_setting(key, is, should);
    match help {
        Some(help) => found.help(help),
        None => found,
    }
}

fn class(setting: &Setting, is: &Value, should: &Value, is_wanted: bool) -> Class {
    match setting.rule {
        Rule::Free => Class::Kept,
        Rule::FreeUnlessWanted if !is_wanted => Class::Kept,
        Rule::Limit | Rule::Number if setting.narrows(is, should) => Class::Narrowing,
        Rule::Order if is.as_u64() == Some(1) => Class::Narrowing,
        Rule::Discard if should == "old" => Class::Narrowing,
        Rule::Retention if is == "workqueue" || should == "workqueue" => Class::Recreation,
        Rule::OneWay if is == true => Class::OneWay,
        Rule::FreeUnlessWanted
        | Rule::Plain
        | Rule::Limit
        | Rule::Number
        | Rule::Order
        | Rule::Discard
        | Rule::Retention
        | Rule::OneWay => Class::Safe,
        Rule::Fixed | Rule::FixedMinimum => Class::Recreation,
    }
}

fn loss(setting: &Setting) -> String {
    if setting.rule == Rule::Order {
        return "with more than one at a time, newer events overtake when an instance dies"
            .to_owned();
    }
    let loss = match setting.key {
        "ack_wait" => {
            "handlers at work, whose signs of life keep to the longer time, would have company"
        }
        "num_replicas" => "there would be fewer copies",
        "duplicate_window" => "copies that come late would be stored twice",
        "discard" => "a full stream would drop its oldest messages instead of refusing new ones",
        _ => "the server would drop what is beyond it",
    };
    format!("with less, {loss}")
}
