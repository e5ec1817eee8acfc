//! Ways through a payload, along JSON pointers with `*` and `**`.

use serde_json::Value;
use tidings_payload::convert::{EACH, segments};

/// The segment that stands for any way down, also for none.
const DEEP: &str = "**";

/// Does something with every value that a pointer leads to; nothing where there is none. What `act` answers with false goes
/// out of the object that holds it, and is left alone anywhere else.
pub(super) fn visit(value: &mut Value, pointer: &str, act: &mut dyn FnMut(&mut Value) -> bool) {
    let segments: Vec<String> = segments(pointer).collect();
    step(value, &segments, act);
}

fn step(value: &mut Value, way: &[String], act: &mut dyn FnMut(&mut Value) -> bool) -> bool {
    let Some((first, rest)) = way.split_first() else { return act(value) };
    if first == DEEP {
        let stays = step(value, rest, act);
        match value {
            _ if !stays => {}
            Value::Array(items) => items.iter_mut().for_each(|item| _ = step(item, way, act)),
            Value::Object(members) => members.retain(|_, member| step(member, way, act)),
            _ => {}
        }
        return stays;
    }
    match value {
        Value::Array(items) if first == EACH => {
            items.iter_mut().for_each(|item| _ = step(item, rest, act));
        }
        Value::Array(items) => {
            if let Some(item) = first.parse::<usize>().ok().and_then(|at| items.get_mut(at)) {
                step(item, rest, act);
            }
        }
        Value::Object(members) if first == EACH => {
            members.retain(|_, member| step(member, rest, act));
        }
        Value::Object(members) => {
            if members.get_mut(first).is_some_and(|member| !step(member, rest, act)) {
                members.remove(first);
            }
        }
        _ => {}
    }
    true
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
        let mut found = Vec::new();
        visit(&mut payload, pointer, &mut |value| {
            found.push(value.clone());
            true
        });
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
            visit(&mut payload, pointer, &mut |_| false);
        }
        assert_eq!(payload, json!({ "b": { "c": 2 }, "e": [4], "f": {} }));
    }
}
