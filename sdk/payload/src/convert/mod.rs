//! Declared conversions of a payload from one version of an event to another.

mod pointer;

use std::fmt;

use pointer::Place;
pub use pointer::{EACH, segments};
use serde_json::{Map, Value};

/// One change of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<'a> {
    /// Where, as a JSON pointer; a segment `*` stands for each item of a list and each value of a map.
    pub at: &'a str,
    /// What is done there.
    pub change: Change<'a>,
}

/// What is done at the place of a [`Step`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// What is there goes to this place. Both pointers are the same up to their last `*`.
    Move(&'a str),
    /// What is there is left out.
    Drop,
    /// A value whose text stands on the left becomes the one on the right, which is JSON. Others stay.
    Map(&'a [(&'a str, &'a str)]),
    /// This JSON is put there, whatever was there before.
    Set(&'a str),
    /// This JSON is put there where nothing is, or `null`.
    Default(&'a str),
}

impl<'a> Step<'a> {
    /// What is at one place goes to another; see [`Change::Move`].
    pub const fn move_to(at: &'a str, target: &'a str) -> Self {
        Self { at, change: Change::Move(target) }
    }

    /// What is there is left out.
    pub const fn drop(at: &'a str) -> Self {
        Self { at, change: Change::Drop }
    }

    /// Other values for some; see [`Change::Map`].
    pub const fn map(at: &'a str, values: &'a [(&'a str, &'a str)]) -> Self {
        Self { at, change: Change::Map(values) }
    }

    /// This JSON is put there.
    pub const fn set(at: &'a str, json: &'a str) -> Self {
        Self { at, change: Change::Set(json) }
    }

    /// This JSON is put there where nothing is, or `null`.
    pub const fn default_to(at: &'a str, json: &'a str) -> Self {
        Self { at, change: Change::Default(json) }
    }
}

/// Applies steps one after the other. Where a step finds nothing at its place, it does nothing; what is put somewhere
/// gets the objects around it that are missing.
///
/// # Errors
/// Something would have to be put into a value that is no object, or a step is not written as it should be. The payload
/// is then as the step before left it.
pub fn convert(payload: &mut Value, steps: &[Step<'_>]) -> Result<(), ConvertError> {
    steps.iter().try_for_each(|step| apply(payload, step))
}

fn apply(payload: &mut Value, step: &Step<'_>) -> Result<(), ConvertError> {
    let place = Place::parse(step.at);
    let (around, inside) = place.split();
    let fault = |what| ConvertError { at: step.at.to_owned(), what };
    match step.change {
        Change::Move(target) => {
            let target = Place::parse(target);
            let (around_target, to) = target.split();
            if around_target != around {
                return Err(fault("a move cannot leave its list"));
            }
            each(payload, around, &mut |value| match take(value, inside) {
                Some(moved) => put(value, to, moved).map_err(fault),
                None => Ok(()),
            })
        }
        Change::Drop => each(payload, around, &mut |value| {
            take(value, inside);
            Ok(())
        }),
        Change::Map(pairs) => {
            let pairs = pairs.iter().map(|(from, to)| Some((*from, literal(to)?)));
            let pairs: Option<Vec<(&str, Value)>> = pairs.collect();
            let pairs = pairs.ok_or_else(|| fault(NO_JSON))?;
            each(payload, place.segments(), &mut |value| {
                if let Some((_, to)) = pairs.iter().find(|(from, _)| is_written(value, from)) {
                    *value = to.clone();
                }
                Ok(())
            })
        }
        Change::Set(json) => {
            let new = literal(json).ok_or_else(|| fault(NO_JSON))?;
            each(payload, around, &mut |value| put(value, inside, new.clone()).map_err(fault))
        }
        Change::Default(json) => {
            let new = literal(json).ok_or_else(|| fault(NO_JSON))?;
            each(payload, around, &mut |value| {
                if find(value, inside).is_none_or(Value::is_null) {
                    put(value, inside, new.clone()).map_err(fault)
                } else {
                    Ok(())
                }
            })
        }
    }
}

const NO_JSON: &str = "its value is not JSON";
const NO_OBJECT: &str = "what should hold it is no object";

fn literal(json: &str) -> Option<Value> {
    serde_json::from_str(json).ok()
}

/// Whether a value is the scalar that a mapping's key stands for.
fn is_written(value: &Value, text: &str) -> bool {
    match value {
        Value::String(own) => own == text,
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            let written = value.to_string();
            written == text
        }
        Value::Array(_) | Value::Object(_) => false,
    }
}

/// Does something with every value that a place stands for; nothing where there is none.
fn each(
    value: &mut Value,
    place: &[String],
    act: &mut dyn FnMut(&mut Value) -> Result<(), ConvertError>,
) -> Result<(), ConvertError> {
    let Some((first, rest)) = place.split_first() else { return act(value) };
    match value {
        Value::Array(items) if first == EACH => {
            items.iter_mut().try_for_each(|item| each(item, rest, act))
        }
        Value::Object(members) if first == EACH => {
            members.values_mut().try_for_each(|member| each(member, rest, act))
        }
        Value::Object(members) => match members.get_mut(first) {
            Some(member) => each(member, rest, act),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn find<'v>(value: &'v Value, place: &[String]) -> Option<&'v Value> {
    place.iter().try_fold(value, |value, name| value.as_object()?.get(name))
}

fn take(value: &mut Value, place: &[String]) -> Option<Value> {
    let (last, parents) = place.split_last()?;
    let holder = parents.iter().try_fold(value, |value, name| value.as_object_mut()?.get_mut(name));
    holder?.as_object_mut()?.remove(last)
}

fn put(mut value: &mut Value, place: &[String], new: Value) -> Result<(), &'static str> {
    for name in place {
        if value.is_null() {
            *value = Value::Object(Map::new());
        }
        let members = value.as_object_mut().ok_or(NO_OBJECT)?;
        value = members.entry(name.as_str()).or_insert(Value::Null);
    }
    *value = new;
    Ok(())
}

/// A step of a conversion cannot be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvertError {
    at: String,
    what: &'static str,
}

impl fmt::Display for ConvertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.at, self.what)
    }
}

impl std::error::Error for ConvertError {}

#[cfg(test)]
mod tests;
