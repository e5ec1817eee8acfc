//! Values as a writer of a schema would publish them: no property that it does not declare or explicitly allow.

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// Further into a schema than this, everything is left out that can be.
const MAX_DEPTH: usize = 5;

const TEXTS: [&str; 14] = [
    "",
    "a",
    "b",
    "c",
    "ab",
    "Abc",
    "ABC",
    "abcde",
    "Z9",
    "0190b7a4-5c1e-7cc2-b1a2-3f6a5e0d9c11",
    "2026-11-21",
    "2026-11-21T10:00:00Z",
    "ann@example.org",
    "A text that is longer than most limits are",
];

pub(crate) struct Samples {
    random: Rng,
    /// Numbers at and around those in the schemas, where mistakes are.
    numbers: Vec<f64>,
}

impl Samples {
    /// For values of two schemas, the same on each run.
    pub(crate) fn new(before: &Value, after: &Value) -> Self {
        let mut numbers = vec![-1.5, 0.0, 0.5, 1.0, 2.0, 3.0, 12.0, 1e6];
        for schema in [before, after] {
            collect(schema, &mut numbers);
        }
        Self { random: Rng::with_seed(7), numbers }
    }

    /// A value that the schema probably allows.
    pub(crate) fn value(&mut self, schema: &Value) -> Value {
        self.of(schema, schema, 0)
    }

    fn of(&mut self, root: &Value, schema: &Value, depth: usize) -> Value {
        let Value::Object(keywords) = schema else { return self.anything() };
        if let Some(value) = keywords.get("const") {
            return value.clone();
        }
        if let Some(values) = keywords.get("enum").and_then(Value::as_array) {
            return self.one(values).clone();
        }
        let mut value = self.typed(root, keywords, depth);
        if let Some(target) = keywords.get("$ref").and_then(Value::as_str)
            && let Some(target) = root.pointer(target.trim_start_matches('#'))
        {
            value = self.of(root, target, depth + 1);
        }
        for keyword in ["oneOf", "anyOf"] {
            if let Some(alternatives) = keywords.get(keyword).and_then(Value::as_array) {
                let alternative = self.one(alternatives).clone();
                value = joined(value, self.of(root, &alternative, depth + 1));
            }
        }
        for part in keywords.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            let other = self.of(root, part, depth + 1);
            value = joined(value, other);
        }
        value
    }

    fn typed(&mut self, root: &Value, keywords: &Map<String, Value>, depth: usize) -> Value {
        let name = match keywords.get("type") {
            Some(Value::String(name)) => name.clone(),
            Some(Value::Array(names)) => self.one(names).as_str().unwrap_or_default().to_owned(),
            _ if keywords.contains_key("properties") || keywords.contains_key("required") => {
                "object".to_owned()
            }
            _ => return self.anything(),
        };
        match name.as_str() {
            "object" => self.object(root, keywords, depth),
            "array" => self.array(root, keywords, depth),
            "string" => json!(self.one(&TEXTS)),
            "integer" => json!(self.number().round() as i64),
            "number" => json!(self.number()),
            "boolean" => json!(self.random.bool()),
            _ => Value::Null,
        }
    }

    fn object(&mut self, root: &Value, keywords: &Map<String, Value>, depth: usize) -> Value {
        let mut object = Map::new();
        for (name, schema) in
            keywords.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            if depth < MAX_DEPTH && self.random.bool() || is_required(keywords, name) {
                object.insert(name.clone(), self.of(root, schema, depth + 1));
            }
        }
        for name in keywords.get("required").and_then(Value::as_array).into_iter().flatten() {
            let name = name.as_str().unwrap_or_default();
            object.entry(name).or_insert_with(|| json!(1));
        }
        let declares = keywords.contains_key("properties");
        let others = keywords.get("additionalProperties");
        if depth < MAX_DEPTH && (others.is_some() || !declares) {
            for name in ["a", "b", "c", "long"] {
                if self.random.bool() && !object.contains_key(name) {
                    let value = match others {
                        Some(schema) => self.of(root, schema, depth + 1),
                        None => self.anything(),
                    };
                    object.insert(name.to_owned(), value);
                }
            }
        }
        Value::Object(object)
    }

    fn array(&mut self, root: &Value, keywords: &Map<String, Value>, depth: usize) -> Value {
        let places =
            keywords.get("prefixItems").and_then(Value::as_array).cloned().unwrap_or_default();
        let length = if depth < MAX_DEPTH { self.random.usize(0..5) } else { 0 };
        let items = (0..length).map(|at| match (places.get(at), keywords.get("items")) {
            (Some(schema), _) | (None, Some(schema)) => self.of(root, schema, depth + 1),
            (None, None) => self.anything(),
        });
        Value::Array(items.collect())
    }

    fn anything(&mut self) -> Value {
        let text = *self.one(&TEXTS);
        let number = self.number();
        let values = [
            Value::Null,
            json!(true),
            json!(number),
            json!(number.round() as i64),
            json!(text),
            json!([text]),
            json!([1, 1]),
            json!({}),
            json!({ "a": text }),
            json!({ "a": 1, "b": text }),
        ];
        self.one(&values).clone()
    }

    fn number(&mut self) -> f64 {
        let numbers = std::mem::take(&mut self.numbers);
        let number = *self.one(&numbers);
        self.numbers = numbers;
        number
    }

    fn one<'v, T>(&mut self, values: &'v [T]) -> &'v T {
        &values[self.random.usize(..values.len())]
    }
}

fn is_required(keywords: &Map<String, Value>, name: &str) -> bool {
    let required = keywords.get("required").and_then(Value::as_array);
    required.is_some_and(|names| names.iter().any(|other| other == name))
}

/// Two values that are to be one: objects are put together.
fn joined(first: Value, second: Value) -> Value {
    match (first, second) {
        (Value::Object(mut first), Value::Object(second)) => {
            first.extend(second);
            Value::Object(first)
        }
        (_, second) => second,
    }
}

fn collect(schema: &Value, numbers: &mut Vec<f64>) {
    match schema {
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or_default();
            numbers.extend([number - 1.0, number, number + 0.25, number + 1.0]);
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, numbers)),
        Value::Object(entries) => entries.values().for_each(|item| collect(item, numbers)),
        _ => {}
    }
}
