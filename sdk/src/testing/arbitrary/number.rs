use proptest::prelude::{BoxedStrategy, Strategy};
use serde_json::{Map, Value, json};

/// How far from zero a number is that has no bound.
const FAR: f64 = 1e12;

/// Whole numbers within the bounds: as many near an end as anywhere.
pub(super) fn integers(schema: &Map<String, Value>) -> BoxedStrategy<Value> {
    let bound = |name: &str| schema.get(name).and_then(whole);
    let step = bound("multipleOf").unwrap_or(1).max(1);
    let (least, most) =
        (bound("minimum").unwrap_or(i64::MIN.into()), bound("maximum").unwrap_or(i64::MAX.into()));
    let (first, last) =
        (least.div_euclid(step) + i128::from(least.rem_euclid(step) > 0), most.div_euclid(step));
    let last = last.max(first);
    let near = (last - first).min(100);
    // Zero is an end where it is within.
    let middle = 0_i128.clamp(first, last);
    proptest::prop_oneof![
        first..=first + near,
        last - near..=last,
        middle..=(middle + near).min(last),
        first..=last,
    ]
    .prop_map(move |number| {
        let number = number * step;
        i64::try_from(number).map_or_else(|_| json!(number as u64), |number| json!(number))
    })
    .boxed()
}

/// Numbers within the bounds.
pub(super) fn numbers(schema: &Map<String, Value>) -> BoxedStrategy<Value> {
    let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
    let above = bound("exclusiveMinimum");
    let below = bound("exclusiveMaximum");
    let least = bound("minimum").or(above).unwrap_or(-FAR);
    let most = bound("maximum").or(below).unwrap_or(least.max(-FAR) + 2.0 * FAR).max(least);
    let is_within = move |number: &f64| Some(*number) != above && Some(*number) != below;
    let numbers = match bound("multipleOf") {
        Some(step) if step > 0.0 => {
            let (first, last) = ((least / step).ceil() as i64, (most / step).floor() as i64);
            // As it is written: three times 0.1 is 0.3.
            let decimals = step.to_string().split_once('.').map_or(0, |(_, places)| places.len());
            let times = move |count: i64| {
                let number = count as f64 * step;
                format!("{number:.decimals$}").parse().unwrap_or(number)
            };
            (first..=last.max(first)).prop_map(times).boxed()
        }
        _ => proptest::prop_oneof![
            proptest::strategy::Just(least),
            proptest::strategy::Just(most),
            least..=most
        ]
        .boxed(),
    };
    numbers.prop_filter("an excluded bound", is_within).prop_map(|number| json!(number)).boxed()
}

fn whole(number: &Value) -> Option<i128> {
    let exact = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    exact.or_else(|| number.as_f64().map(|number| number as i128))
}
