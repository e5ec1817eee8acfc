//! Objects of several kinds, of which a property of their own says which.

use serde::de::{DeserializeOwned, Deserializer, Error};
use serde_json::Value;

/// An object whose kind is known. Generated enums read themselves from it.
#[derive(Debug)]
pub struct Tagged<E> {
    property: &'static str,
    tag: String,
    value: Value,
    error: std::marker::PhantomData<E>,
}

impl<E: Error> Tagged<E> {
    /// Reads an object, which says of what kind it is in `property`.
    ///
    /// # Errors
    /// It is no object, or the property is not there or no string.
    pub fn new<'de, D>(deserializer: D, property: &'static str) -> Result<Self, E>
    where
        D: Deserializer<'de, Error = E>,
    {
        let value: Value = serde::Deserialize::deserialize(deserializer)?;
        let Value::Object(fields) = &value else {
            return Err(E::custom(format_args!("expected an object with `{property}`")));
        };
        let tag = match fields.get(property) {
            Some(Value::String(tag)) => tag.clone(),
            Some(_) => return Err(E::custom(format_args!("`{property}` is no string"))),
            None => return Err(E::missing_field(property)),
        };
        Ok(Self { property, tag, value, error: std::marker::PhantomData })
    }

    /// What the property says.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The object as the type of its kind.
    ///
    /// # Errors
    /// It is none.
    pub fn read<T: DeserializeOwned>(self) -> Result<T, E> {
        let Self { property, tag, value, .. } = self;
        serde_json::from_value(value)
            .map_err(|error| E::custom(format_args!("{error}, where `{property}` is `{tag}`")))
    }

    /// The error of a kind that is not among the `known` ones.
    pub fn unknown(&self, known: &[&str]) -> E {
        let (property, tag) = (self.property, &self.tag);
        E::custom(format_args!("`{property}` is `{tag}`, and none of {}", known.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Tagged;

    fn read(value: &Value) -> Result<u8, String> {
        let tagged = Tagged::new(value, "kind").map_err(|error| error.to_string())?;
        match tagged.tag() {
            "card" => tagged.read::<Card>().map(|card| card.number).map_err(|e| e.to_string()),
            _ => Err(tagged.unknown(&["card", "iban"]).to_string()),
        }
    }

    #[derive(serde::Deserialize)]
    struct Card {
        number: u8,
    }

    #[test]
    fn errors_name_the_property_and_the_kind() {
        for (value, expected) in [
            (json!({ "kind": "card", "number": 7 }), Ok(7)),
            (json!({ "kind": "card" }), Err("missing field `number`, where `kind` is `card`")),
            (json!({ "kind": "cash" }), Err("`kind` is `cash`, and none of card, iban")),
            (json!({ "kind": 1 }), Err("`kind` is no string")),
            (json!({}), Err("missing field `kind`")),
            (json!([]), Err("expected an object with `kind`")),
        ] {
            assert_eq!(read(&value), expected.map_err(str::to_owned), "{value}");
        }
    }
}
