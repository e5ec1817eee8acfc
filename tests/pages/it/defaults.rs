//! What pages say that holds where nothing is said, and figures that they name, are those of the code.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};
use tidings_codegen::source::SourceMap;
use tidings_codegen::{compile_files, yaml};

use crate::markdown::{Block, blocks, root};

/// A figure of a page: its words there, and the line of the code that has it. Who changes one changes both.
const FIGURES: &[(&str, &str, &str, &str)] = &[
    (
        "administration.md",
        "for a minute nothing has become of any",
        "operations/health/mod.rs",
        "const PATIENCE: Duration = Duration::from_secs(60);",
    ),
    (
        "administration.md",
        "Believed for 15 seconds",
        "operations/health/mod.rs",
        "const TOPOLOGY_STANDS: Duration = Duration::from_secs(15);",
    ),
    (
        "core-messaging.md",
        "the first answer, within 5 s",
        "messaging/request.rs",
        "const PATIENCE: Duration = Duration::from_secs(5);",
    ),
    (
        "failures.md",
        "Where it fails, the pause doubles, up to a minute",
        "consumer/health.rs",
        "const LONGEST_PAUSE: Duration = Duration::from_secs(60);",
    ),
    (
        "failures.md",
        "spends no attempt, for up to a quarter of an hour an event",
        "consumer/health.rs",
        "const SPARED: Duration = Duration::from_secs(15 * 60);",
    ),
    (
        "core-messaging.md",
        "65,536 messages wait for it",
        "broker/core.rs",
        "const WAITING: usize = 64 * 1024;",
    ),
    (
        "guarantees.md",
        "lets handlers finish for up to its grace (30 s)",
        "consumer/run.rs",
        "const GRACE: Duration = Duration::from_secs(30);",
    ),
    (
        "large-payloads.md",
        "An event may have 64 MiB once it is decompressed",
        "config/mod.rs",
        "const LARGEST_PAYLOAD: usize = 64 << 20;",
    ),
    (
        "large-payloads.md",
        "4 KiB are left for the headers",
        "message/claim/leave.rs",
        "const ROOM: usize = 4096;",
    ),
    (
        "observability.md",
        "asked every 15 seconds",
        "config/mod.rs",
        "const SAMPLING: Duration = Duration::from_secs(15);",
    ),
    (
        "outbox.md",
        "| `in_flight` | 512 |",
        "state/outbox/relay/mod.rs",
        "const IN_FLIGHT: usize = 512;",
    ),
    (
        "outbox.md",
        "| `lease` | 6 s |",
        "state/outbox/relay/mod.rs",
        "const LEASE: Duration = Duration::from_secs(6);",
    ),
    (
        "outbox.md",
        "| `poll` | 200 ms, 5 s on PostgreSQL |",
        "state/outbox/relay/mod.rs",
        "const SQLITE_POLL: Duration = Duration::from_millis(200); const POSTGRES_POLL: Duration = Duration::from_secs(5);",
    ),
    (
        "personal-data.md",
        "Answers are kept for 30 seconds (`Keys::fresh_for`)",
        "message/encryption/keys.rs",
        "const FRESH: Duration = Duration::from_secs(30);",
    ),
    (
        "publishing.md",
        "after pauses that grow from 50 ms to 2 s",
        "publisher/transmit.rs",
        "const FIRST_PAUSE: Duration = Duration::from_millis(50); const LONGEST_PAUSE: Duration = Duration::from_secs(2);",
    ),
    (
        "publishing.md",
        "vary by half, for 30 seconds",
        "publisher/transmit.rs",
        "const DEADLINE: Duration = Duration::from_secs(30);",
    ),
    (
        "publishing.md",
        "waits while 1,024 messages are on their way",
        "publisher/pipeline.rs",
        "const MESSAGES: u32 = 1024;",
    ),
];

#[test]
fn figures_of_the_pages_are_those_of_the_code() {
    for (page, words, file, line) in FIGURES {
        let (page, file) = (root().join("docs").join(page), root().join("sdk/src").join(file));
        for (path, text) in [(page, words), (file, line)] {
            let whole = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path:?}: {e}"));
            let whole = whole.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(
                whole.contains(text),
                "{path:?} does not say `{text}` any more, and its other half does"
            );
        }
    }
}

/// README has some of the figures of the page about performance, which says how they come about.
#[test]
fn figures_of_readme_are_those_of_the_benchmark() {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("a page");
    let (readme, performance) = (read("README.md"), read("docs/performance.md"));
    let (_, status) = readme.split_once("It costs something.").expect("what it costs");
    let status = status.split("\n\n").next().expect("a paragraph");
    let figures = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','));
        let words = words.map(|word| word.trim_matches(['.', ',']).to_owned());
        words.filter(|word| word.starts_with("0.")).collect()
    };
    let (told, measured) = (figures(status), figures(&performance));
    assert!(told.len() > 3 && told.is_subset(&measured), "{told:?}");
}

/// `catalog.md` shows all of them in its first block.
#[test]
fn defaults_of_the_catalog_are_as_shown() {
    let mut shown = yaml_of("docs/catalog.md", 1);
    let defaults = shown["defaults"].as_object_mut().expect("the defaults");
    defaults.remove("payloads").expect("an entry that is no default, as the page says");
    assert_eq!(
        defaults.keys().collect::<Vec<_>>(),
        ["retry", "stream", "subscription", "validate"]
    );
    let defaults = json!({ "defaults": defaults, "dead_letters": shown["dead_letters"] });
    assert_eq!(settled(&defaults), settled(&json!({})));

    // What other pages show and say.
    let guarantees = fs::read_to_string(root().join("docs/guarantees.md")).expect("the page");
    assert!(guarantees.contains("`duplicate_window` of the stream, 2 minutes by default"));
    assert_eq!(shown["defaults"]["stream"]["duplicate_window"], "2m");
    let alerts = yaml_of("docs/dashboards.md", 1)["defaults"].take();
    assert_eq!(settled(&json!({ "defaults": alerts })), settled(&json!({})));
    let breaker = json!({ "breaker": { "failures": 10, "pause": "1s" }, "max_ack_pending": 4000 });
    let breaker = json!({ "defaults": { "subscription": breaker } });
    assert_eq!(settled(&breaker), settled(&json!({})));
    let four_fifths = json!({ "alerts": { "handler_p95": "16s" } });
    let four_fifths = json!({ "defaults": { "subscription": four_fifths } });
    assert_eq!(settled(&four_fifths), settled(&json!({})));

    let other = json!({ "defaults": { "subscription": { "concurrency": 17 } } });
    assert_ne!(settled(&other), settled(&json!({})), "a difference would be seen");
}

/// What a small catalog comes to that says this much in `catalog.yaml`.
fn settled(said: &Value) -> String {
    let mut catalog = said.clone();
    catalog["catalog"] = json!("shop");
    let files = [
        ("catalog.yaml", catalog.to_string()),
        ("orders/domain.yaml", json!({ "domain": "orders" }).to_string()),
        (
            "orders/order-created.yaml",
            json!({
                "event": "orders.order.created",
                "versions": { "1.0": { "payload": { "type": "object", "properties": {} } } },
            })
            .to_string(),
        ),
        (
            "services/billing.yaml",
            json!({
                "service": "billing",
                "publishes": ["orders.order.created"],
                "subscriptions": { "invoicing": { "events": ["orders.order.created"] } },
            })
            .to_string(),
        ),
    ];
    let compiled = compile_files(files);
    let errors: Vec<_> = compiled.errors().map(|error| &error.message).collect();
    assert!(errors.is_empty(), "{said}: {errors:?}");
    let mut text = format!("{:?}", compiled.catalog.dead_letters);
    for (name, stream) in &compiled.catalog.streams {
        let _ = write!(text, "\n{name}: {:?} {:?}", stream.limits, stream.payloads);
    }
    for (name, service) in &compiled.catalog.services {
        let _ = write!(text, "\n{name}: checks {}", service.validate);
        for (name, one) in &service.subscriptions {
            let _ = write!(
                text,
                "\n{name}: {} {} {:?} {:?} {} {:?} {} {:?} {:?} {} {:?} {:?}",
                one.concurrency,
                one.ordered_by_key,
                one.ack_wait,
                one.handler_timeout,
                one.max_ack_pending,
                one.start,
                one.validate,
                one.retry,
                one.breaker,
                one.idempotent,
                one.retention,
                one.alerts,
            );
        }
    }
    text
}

/// The first document of a page's block.
fn yaml_of(page: &str, number: usize) -> Value {
    let is_it =
        |block: &Block| block.page == page && block.language == "yaml" && block.number == number;
    let block = blocks().into_iter().find(is_it).expect("the page has the block");
    let parts = block.text.split("\n\n").next().expect("a part");
    let parsed = yaml::parse("block.yaml", parts, &mut SourceMap::default());
    parsed.unwrap_or_else(|found| panic!("{page}: {}", found[0].message)).to_value()
}
