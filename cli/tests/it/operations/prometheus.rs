//! The alerts: each is raised by what it is about, and by nothing else.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{catalogs, file, items, promtool, text, written, yaml};

/// An alert of the shop, and what raises it.
struct Case {
    alert: &'static str,
    /// Series that are different from those of a healthy shop; without values, they are not there.
    series: &'static [(&'static str, &'static str)],
    /// It is not raised then …
    before: &'static str,
    /// … and then it is.
    raised: &'static str,
    subscription: bool,
    severity: &'static str,
    summary: &'static str,
}

const OF_INVOICING: &str = "service=\"billing\",subscription=\"invoicing\"";

/// Two instances that do well, for two days.
const HEALTHY: [(&str, &str); 20] = [
    ("subscription_lag{I,instance=\"a\"}", "3x2880"),
    ("subscription_lag{I,instance=\"b\"}", "3x2880"),
    ("subscription_lag{service=\"audit\",subscription=\"access\",instance=\"a\"}", "9000x2880"),
    ("events_consumed_total{I,instance=\"a\",status=\"handled\"}", "0+60x2880"),
    ("events_consumed_total{I,instance=\"b\",status=\"handled\"}", "0+60x2880"),
    (
        "events_consumed_total{service=\"audit\",subscription=\"access\",instance=\"a\",status=\"handled\"}",
        "0+60x2880",
    ),
    ("event_handler_duration_seconds_bucket{I,le=\"0.5\"}", "0+116x2880"),
    ("event_handler_duration_seconds_bucket{I,le=\"2.5\"}", "0+119x2880"),
    ("event_handler_duration_seconds_bucket{I,le=\"5\"}", "0+120x2880"),
    ("event_handler_duration_seconds_bucket{I,le=\"+Inf\"}", "0+120x2880"),
    ("events_consumed_total{I,instance=\"b\",status=\"dead_lettered\"}", "7x2880"),
    ("breaker_state{I,instance=\"a\"}", "0x2880"),
    ("breaker_state{I,instance=\"b\"}", "0x2880"),
    ("dead_letters{I,instance=\"a\"}", "0x2880"),
    ("events_published_total{service=\"billing\",status=\"stored\"}", "0+60x2880"),
    ("events_published_total{service=\"billing\",status=\"conflict\"}", "0+60x2880"),
    ("events_published_total{service=\"billing\",status=\"unknown\"}", "0x2880"),
    ("publisher_breaker_state{service=\"billing\"}", "0x2880"),
    ("outbox_oldest_seconds{job=\"services\",instance=\"a\"}", "20x2880"),
    ("outbox_dead{job=\"services\",instance=\"a\"}", "0x2880"),
];

const CASES: [Case; 12] = [
    Case {
        alert: "SubscriptionLagging",
        series: &[("subscription_lag{I,instance=\"b\"}", "600x2880")],
        before: "9m",
        raised: "11m",
        subscription: true,
        severity: "warning",
        summary: "billing/invoicing: 600 events wait, more than 500",
    },
    Case {
        alert: "SubscriptionStalled",
        series: &[
            ("events_consumed_total{I,instance=\"a\",status=\"handled\"}", "0+60x30 1800x2850"),
            ("events_consumed_total{I,instance=\"b\",status=\"handled\"}", ""),
        ],
        // Nothing since the 30th minute, seen at the 40th, for five minutes.
        before: "44m",
        raised: "46m",
        subscription: true,
        severity: "critical",
        summary: "billing/invoicing: 3 events wait, and none was settled for 10m",
    },
    Case {
        alert: "SubscriptionUnreported",
        series: &[
            ("subscription_lag{I,instance=\"a\"}", ""),
            ("subscription_lag{I,instance=\"b\"}", ""),
        ],
        before: "9m",
        raised: "11m",
        subscription: true,
        severity: "critical",
        summary: "billing/invoicing: no instance reports about it",
    },
    Case {
        alert: "HandlersSlow",
        series: &[
            ("event_handler_duration_seconds_bucket{I,le=\"0.5\"}", "0+60x2880"),
            ("event_handler_duration_seconds_bucket{I,le=\"2.5\"}", "0+108x2880"),
        ],
        before: "10m",
        raised: "12m",
        subscription: true,
        severity: "warning",
        summary: "billing/invoicing: one attempt of twenty takes 3.75s, more than 2s; handlers are stopped after 5s",
    },
    Case {
        alert: "BreakerOpen",
        series: &[("breaker_state{I,instance=\"b\"}", "2 1 2 1 2x2880")],
        before: "1m",
        raised: "3m",
        subscription: true,
        severity: "critical",
        summary: "billing/invoicing: paused, as one event after the other fails",
    },
    Case {
        alert: "DeadLettersGrowing",
        series: &[("dead_letters{I,instance=\"a\"}", "0x19 4x100")],
        before: "19m",
        raised: "25m",
        subscription: true,
        severity: "warning",
        summary: "billing/invoicing: 4 more dead letters within 15m",
    },
    Case {
        alert: "DeadLettersGrowing",
        series: &[
            ("dead_letters{I,instance=\"a\"}", ""),
            ("events_consumed_total{I,instance=\"b\",status=\"dead_lettered\"}", "7x19 9x100"),
        ],
        before: "19m",
        raised: "25m",
        subscription: true,
        severity: "warning",
        summary: "billing/invoicing: 2 more dead letters within 15m",
    },
    Case {
        alert: "DeadLettersForgotten",
        series: &[("dead_letters{I,instance=\"a\"}", "4x2880")],
        before: "23h",
        raised: "25h",
        subscription: true,
        severity: "warning",
        summary: "billing/invoicing: 4 dead letters lie there; each is removed when it is 30d old",
    },
    Case {
        alert: "PublishesFailing",
        series: &[("events_published_total{service=\"billing\",status=\"unknown\"}", "0+5x2880")],
        before: "5m",
        raised: "7m",
        subscription: false,
        severity: "critical",
        summary: "billing: 4% of what it publishes is not stored",
    },
    Case {
        alert: "PublisherBreakerOpen",
        series: &[("publisher_breaker_state{service=\"billing\"}", "2x2880")],
        before: "0m",
        raised: "2m",
        subscription: false,
        severity: "critical",
        summary: "billing: publishes nothing, as nothing answers",
    },
    Case {
        alert: "OutboxStuck",
        series: &[("outbox_oldest_seconds{job=\"services\",instance=\"a\"}", "400x2880")],
        before: "4m",
        raised: "6m",
        subscription: false,
        severity: "critical",
        summary: "services at a: the oldest event of its outbox has waited for 6m 40s",
    },
    Case {
        alert: "OutboxRefused",
        series: &[("outbox_dead{job=\"services\",instance=\"a\"}", "0x9 2x2880")],
        before: "9m",
        raised: "10m",
        subscription: false,
        severity: "warning",
        summary: "services at a: 2 events of its outbox were refused for good",
    },
];

impl Case {
    /// A healthy shop, but for what the case is about.
    fn input(&self) -> Value {
        let changed = |name: &str| self.series.iter().find(|(other, _)| *other == name);
        for (name, _) in self.series {
            assert!(
                HEALTHY.iter().any(|(other, _)| other == name),
                "{name} is no series of a shop"
            );
        }
        let series = HEALTHY.iter().map(|(name, values)| {
            let values = changed(name).map_or(*values, |(_, values)| *values);
            (*name, values)
        });
        series
            .filter(|(_, values)| !values.is_empty())
            .map(|(name, values)| {
                json!({ "series": name.replace("{I", &format!("{{{OF_INVOICING}")), "values": values })
            })
            .collect()
    }

    fn expected(&self) -> Value {
        let anchor = tidings_codegen::naming::snake(self.alert).replace('_', "-");
        let mut labels = json!({ "severity": self.severity });
        if self.alert.starts_with("Outbox") {
            labels["job"] = json!("services");
            labels["instance"] = json!("a");
        } else {
            labels["service"] = json!("billing");
            labels["owner"] = json!("it's us, {{ the team }}");
        }
        if self.subscription {
            labels["subscription"] = json!("invoicing");
        }
        let annotations =
            json!({ "summary": self.summary, "runbook_url": format!("runbook.md#{anchor}") });
        json!([{ "exp_labels": labels, "exp_annotations": annotations }])
    }
}

fn test(name: &str, input: &Value, checks: &[Value]) -> Value {
    json!({ "name": name, "interval": "1m", "input_series": input, "alert_rule_test": checks })
}

fn check(at: &str, alert: &str, expected: &Value) -> Value {
    json!({ "eval_time": at, "alertname": alert, "exp_alerts": expected })
}

#[test]
fn each_alert_is_raised_by_what_it_is_about_and_by_nothing_else() {
    let shop = catalogs::shop();
    let written = written(&catalogs::of(&shop));
    let mut tests = Vec::new();
    let healthy = Case { series: &[], ..CASES[0] };
    let never = CASES.iter().flat_map(|case| {
        ["5m", "30m", "2h", "26h", "47h"].map(|at| check(at, case.alert, &json!([])))
    });
    tests.push(test("a healthy shop", &healthy.input(), &never.collect::<Vec<_>>()));
    for case in &CASES {
        let mut checks = vec![
            check(case.before, case.alert, &json!([])),
            check(case.raised, case.alert, &case.expected()),
        ];
        let others = CASES.iter().filter(|other| other.alert != case.alert);
        checks.extend(others.map(|other| check(case.raised, other.alert, &json!([]))));
        tests.push(test(case.alert, &case.input(), &checks));
    }
    let rules = file(&written, "prometheus/rules.yml");
    let suite = json!({ "rule_files": [rules], "evaluation_interval": "1m", "tests": tests });
    written.write("suite.yml", &suite.to_string());
    promtool(&["test", "rules"], &written.path().join("suite.yml"));
}

#[test]
fn every_alert_is_tried() {
    let shop = catalogs::shop();
    let written = written(&catalogs::of(&shop));
    let rules = yaml(&file(&written, "prometheus/rules.yml"));
    let rules = items(&rules[0]["groups"]).iter().flat_map(|group| items(&group["rules"]));
    let known: BTreeSet<String> = rules.map(|rule| text(&rule["alert"]).to_owned()).collect();
    let tried = CASES.iter().map(|case| case.alert.to_owned()).collect();
    assert_eq!(known, tried);
}

#[test]
fn prometheus_own_tool_takes_the_rules_of_every_catalog() {
    for (_project, catalog) in catalogs::all() {
        let written = written(&catalog);
        let said = promtool(&["check", "rules"], &file(&written, "prometheus/rules.yml"));
        assert!(said.contains("rules found"), "{said}");
    }
}

#[test]
fn rules_say_who_answers_and_where_to_read_on() {
    let shop = catalogs::shop();
    let args =
        ["dashboard", "--print", "prometheus", "--runbook", "https://wiki.example.com/runbook"];
    insta::assert_snapshot!("rules", shop.tidings(&args).stdout(0));
}

/// `off` in the catalog, and what cannot happen, have no rule.
#[test]
fn what_is_off_has_no_rule() {
    let shop = catalogs::shop();
    let written = written(&catalogs::of(&shop));
    let rules = yaml(&file(&written, "prometheus/rules.yml"));
    let audit = items(&rules[0]["groups"]).iter().find(|group| group["name"] == "audit");
    let audit = items(&audit.expect("the group of `audit`")["rules"]);
    let raised: Vec<&str> = audit.iter().map(|rule| text(&rule["alert"])).collect();
    assert_eq!(
        raised,
        [
            "SubscriptionStalled",
            "SubscriptionUnreported",
            "DeadLettersGrowing",
            "DeadLettersForgotten"
        ]
    );
}
