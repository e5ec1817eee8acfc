//! For machines.

use serde_json::{Value, json};
use tidings::topology::{Applied, Difference, Object, Plan};

/// The plan for machines.
pub(crate) fn plan(plan: &Plan) -> Value {
    let steps = plan.steps().into_iter().map(|step| {
        json!({
            "object": object(step.object),
            "action": step.action.as_str(),
            "ends": step.ends.iter().map(|one| difference(one)).collect::<Vec<_>>(),
            "leaves": step.leaves.iter().map(|one| difference(one)).collect::<Vec<_>>(),
        })
    });
    json!({
        "catalog": plan.catalog(),
        "environment": plan.environment(),
        "server": plan.server(),
        "clean": plan.is_clean(),
        "steps": steps.collect::<Vec<_>>(),
        "notes": plan.notes().map(difference).collect::<Vec<_>>(),
    })
}

/// What came of applying it, for machines.
pub(crate) fn applied(applied: &Applied) -> Value {
    let done = applied.done.iter();
    let done =
        done.map(|(what, action)| json!({ "object": object(what), "action": action.as_str() }));
    let refused = applied.refused.iter();
    let refused = refused.map(|one| json!({ "object": object(&one.object), "reason": one.reason }));
    json!({
        "done": done.collect::<Vec<_>>(),
        "refused": refused.collect::<Vec<_>>(),
        "left": plan(&applied.left),
    })
}

fn difference(difference: &Difference) -> Value {
    json!({
        "object": object(&difference.object),
        "class": difference.class.as_str(),
        "setting": difference.setting,
        "actual": difference.actual,
        "wanted": difference.wanted,
        "text": difference.text,
        "help": difference.help,
        "external": difference.external,
    })
}

fn object(object: &Object) -> Value {
    match object {
        Object::Stream(name) => json!({ "kind": "stream", "name": name }),
        Object::Consumer { stream, name } => {
            json!({ "kind": "consumer", "stream": stream, "name": name })
        }
        _ => json!({ "kind": "server" }),
    }
}
