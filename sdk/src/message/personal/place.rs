//! Ways through a payload, along JSON pointers with `*` and `**`.

use serde_json::Value;
use tidings_payload::convert::{EACH, segments};

/// The segment that stands for any way down, also for none.
const DEEP: &str = "**";

/// Does something with every value that a pointer leads to, and with the pointer to that very one; nothing where there is
/// none. What `act` answers with false goes out of the object that holds it, and is left alone anywhere else.
pub(crate) fn visit(
    value: &mut Value,
    pointer: &str,
    act: &mut dyn FnMut(&mut Value, &str) -> bool,
) {
    let way: Vec<String> = segments(pointer).collect();
    Walk { at: String::new(), act }.step(value, &way);
}

struct Walk<'a> {
    /// The pointer to where it is.
    at: String,
    act: &'a mut dyn FnMut(&mut Value, &str) -> bool,
}

impl Walk<'_> {
    fn step(&mut self, value: &mut Value, way: &[String]) -> bool {
        let Some((first, rest)) = way.split_first() else { return (self.act)(value, &self.at) };
        if first == DEEP {
            let stays = self.step(value, rest);
            if stays {
                self.each(value, way);
            }
            return stays;
        }
        match value {
            Value::Array(_) | Value::Object(_) if first == EACH => self.each(value, rest),
            Value::Array(items) => {
                if let Some(item) = first.parse::<usize>().ok().and_then(|at| items.get_mut(at)) {
                    self.below(first, item, rest);
                }
            }
            Value::Object(members) => {
                let goes = members.get_mut(first).is_some_and(|one| !self.below(first, one, rest));
                if goes {
                    members.remove(first);
                }
            }
            _ => {}
        }
        true
    }

    fn each(&mut self, value: &mut Value, way: &[String]) {
        match value {
            Value::Array(items) => {
                for (place, item) in items.iter_mut().enumerate() {
                    self.below(&place.to_string(), item, way);
                }
            }
            Value::Object(members) => {
                members.retain(|name, member| self.below(name, member, way));
            }
            _ => {}
        }
    }

    fn below(&mut self, name: &str, value: &mut Value, way: &[String]) -> bool {
        let length = self.at.len();
        self.at.push('/');
        self.at.push_str(&name.replace('~', "~0").replace('/', "~1"));
        let stays = self.step(value, way);
        self.at.truncate(length);
        stays
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(pointer: &str) -> Vec<Value> {
        let mut payload = json!({
            "a/b": "escaped",
            "lines": [{ "email": "l1" }, { "email": "l2" }, { "none": 1 }],
            "map": { "x": { "email": "m1" } },
            "pair": [1, "second"],
            "tree": { "email": "t1", "children": [{ "email": "t2", "children": [] }] },
        });
        let (mut found, mut places) = (Vec::new(), Vec::new());
        visit(&mut payload, pointer, &mut |value, at| {
            found.push(value.clone());
            places.push(at.to_owned());
            true
        });
        for (value, at) in found.iter().zip(places) {
            assert_eq!(payload.pointer(&at), Some(value), "{at}");
        }
        found
    }

    #[test]
    fn pointers_lead_through_lists_maps_and_types_that_hold_themselves() {
        for (pointer, expected) in [
            ("/a~1b", json!(["escaped"])),
            ("/lines/*/email", json!(["l1", "l2"])),
            ("/map/*/email", json!(["m1"])),
            ("/pair/1", json!(["second"])),
            ("/tree/**/email", json!(["t1", "t2"])),
            ("/lines/email", json!([])),
            ("/pair/2", json!([])),
            ("/a~1b/c", json!([])),
        ] {
            assert_eq!(Value::Array(found(pointer)), expected, "{pointer}");
        }
        assert_eq!(found("").len(), 1, "the payload itself");
    }

    #[test]
    fn what_goes_leaves_objects_and_not_lists() {
        let mut payload = json!({ "a": 1, "b": { "c": 2, "d": 3 }, "e": [4], "f": { "g": 5 } });
        for pointer in ["/a", "/b/d", "/e/*", "/f/*", "/gone"] {
            visit(&mut payload, pointer, &mut |_, _| false);
        }
        assert_eq!(payload, json!({ "b": { "c": 2 }, "e": [4], "f": {} }));
    }
}
