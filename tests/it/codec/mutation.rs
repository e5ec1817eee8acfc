//! JSON with something wrong in it, or something unusual.

use serde_json::Value;

/// What may stand in the place of a value.
const OTHERS: [&str; 26] = [
    "null",
    "true",
    "0",
    "-0",
    "1",
    "-1",
    "1.0",
    "1e3",
    "1e400",
    "256",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "-9223372036854775809",
    r#""""#,
    r#""x""#,
    r#""1""#,
    r#""card""#,
    r#""\ud800""#,
    r#""2026-03-02T09:14:07Z""#,
    r#""019cadd3-8782-7db2-b428-1a2d94af3083""#,
    "[]",
    "[null,1]",
    "{}",
    r#"{"kind":"card"}"#,
    r#"{"on-sale":null}"#,
];

/// What is done to one value.
#[derive(Clone, Copy)]
enum Change {
    /// Something else stands there.
    Instead(&'static str),
    /// Its property is left out.
    LeftOut,
    /// Its property is there twice.
    Twice,
    /// Its property has another name.
    Renamed,
    /// The properties of the object, or the items of the list, stand the other way round.
    Reversed,
    /// The values of the object stand in a list.
    Listed,
    /// An item or a property more.
    More,
    /// In so many lists.
    Deep(usize),
}

/// The value with each change in each place, and as it is.
pub(super) fn mutations(value: &Value) -> Vec<String> {
    use Change::{Deep, Instead, LeftOut, Listed, More, Renamed, Reversed, Twice};
    let mut changes = vec![LeftOut, Twice, Renamed, Reversed, Listed, More, Deep(1), Deep(200)];
    changes.extend(OTHERS.map(Instead));
    let mut texts = vec![value.to_string()];
    for place in 0..places(value) {
        for change in &changes {
            let mut text = Text { left: place, change: *change, out: String::new() };
            text.value(value);
            texts.push(text.out);
        }
    }
    texts
}

fn places(value: &Value) -> usize {
    let within = match value {
        Value::Array(items) => items.iter().map(places).sum(),
        Value::Object(fields) => fields.values().map(places).sum(),
        _ => 0,
    };
    within + 1
}

/// A text in which the value that comes after so many others is changed.
struct Text {
    left: usize,
    change: Change,
    out: String,
}

impl Text {
    /// Whether it is the value to be changed that comes next.
    fn is_next(&mut self) -> bool {
        let is_next = self.left == 0;
        self.left = self.left.wrapping_sub(1);
        is_next
    }

    fn value(&mut self, value: &Value) {
        if !self.is_next() {
            return self.plain(value, None);
        }
        match self.change {
            Change::Instead(other) => self.out.push_str(other),
            Change::Deep(levels) => {
                self.out.push_str(&"[".repeat(levels));
                self.plain(value, None);
                self.out.push_str(&"]".repeat(levels));
            }
            change => self.plain(value, Some(change)),
        }
    }

    /// The value, or what a change of its parts makes of it.
    fn plain(&mut self, value: &Value, change: Option<Change>) {
        let is_reversed = matches!(change, Some(Change::Reversed));
        let more = matches!(change, Some(Change::More));
        match value {
            Value::Array(items) => {
                let mut items: Vec<&Value> = items.iter().collect();
                if is_reversed {
                    items.reverse();
                }
                items.extend(more.then_some(&Value::Null));
                self.parts('[', ']', &items, |text, item| text.value(item));
            }
            Value::Object(fields) if matches!(change, Some(Change::Listed)) => {
                let values: Vec<&Value> = fields.values().collect();
                self.parts('[', ']', &values, |text, value| text.value(value));
            }
            Value::Object(fields) => {
                let mut fields: Vec<(&str, &Value)> =
                    fields.iter().map(|(name, value)| (name.as_str(), value)).collect();
                if is_reversed {
                    fields.reverse();
                }
                fields.extend(more.then_some(("nobody knows", &Value::Null)));
                self.fields(&fields);
            }
            scalar => self.out.push_str(&scalar.to_string()),
        }
    }

    fn fields(&mut self, fields: &[(&str, &Value)]) {
        let mut written = Vec::new();
        for (name, value) in fields {
            let name = Value::from(*name).to_string();
            let change = (self.left == 0).then_some(self.change);
            let whole = std::mem::take(&mut self.out);
            self.value(value);
            let value = std::mem::replace(&mut self.out, whole);
            match change {
                Some(Change::LeftOut) => {}
                Some(Change::Twice) => {
                    written.push(format!("{name}:{value}"));
                    written.push(format!("{name}:{value}"));
                }
                Some(Change::Renamed) => written.push(format!("\"un{}:{value}", &name[1..])),
                _ => written.push(format!("{name}:{value}")),
            }
        }
        self.out.push('{');
        self.out.push_str(&written.join(","));
        self.out.push('}');
    }

    fn parts<T>(&mut self, open: char, close: char, all: &[T], one: impl Fn(&mut Self, &T)) {
        self.out.push(open);
        for (number, part) in all.iter().enumerate() {
            if number > 0 {
                self.out.push(',');
            }
            one(self, part);
        }
        self.out.push(close);
    }
}
