//! Streams that capture the same subject.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::{Catalog, Stream};
use crate::source::Span;
use crate::subject::{is_system, overlap};

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T302",
        name: "stream-overlap",
        level: Level::Error,
        configurable: false,
        explanation: "Two streams capture the same subject. JetStream refuses the second one (10065), because a message would be stored twice.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let streams: Vec<&Stream> = catalog.streams.values().collect();
    for (at, later) in streams.iter().enumerate() {
        for earlier in &streams[..at] {
            let pairs =
                later.subjects.iter().flat_map(|a| earlier.subjects.iter().map(move |b| (a, b)));
            // What overlaps with everything is a mistake of its own.
            let mut pairs = pairs.filter(|(a, b)| !is_system(a) && !is_system(b));
            let Some((a, b)) = pairs.find(|(a, b)| overlap(a, b)) else { continue };
            findings.push(
                RULE.code
                    .at(
                        place(later),
                        format!("the streams `{}` and `{}` overlap", later.name, earlier.name),
                    )
                    .labelled(format!("captures `{a}`"))
                    .and(place(earlier), format!("captures `{b}`"))
                    .help("give each stream subjects of its own"),
            );
        }
    }
}

fn place(stream: &Stream) -> Span {
    stream.places.get("subjects").unwrap_or(stream.span)
}

const FAILING: &str = r#"
# orders/domain.yaml
domain: orders
# sales/domain.yaml
domain: sales
stream: { subjects: [sales.>, orders.*.created] }
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: orders
# sales/domain.yaml
domain: sales
stream: { subjects: [sales.>, shop.>] }
"#;
