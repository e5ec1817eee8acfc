//! What Prometheus scrapes, judged by Prometheus' own tool.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use event_catalog::user::UserCreated;
use event_catalog::{CATALOG, user_profile};
use tidings::Event as _;
use tidings::metrics::{Kind, METRICS};
use tidings::prometheus::Exposition;

use super::desk::{Desk, Mending, register, welcoming};
use crate::fixture::{Running, until};

/// One a process.
fn exposition() -> &'static Exposition {
    static INSTALLED: OnceLock<Exposition> = OnceLock::new();
    INSTALLED.get_or_init(|| Exposition::install().expect("the first one"))
}

#[tokio::test]
async fn promtool_has_nothing_to_say_about_what_is_exposed() {
    let exposition = exposition();
    let bus = super::embedded().await;
    let outbox = tidings::outbox::SqliteOutbox::new(
        sqlx::sqlite::SqlitePoolOptions::new()
            .max_connections(1)
            .connect("sqlite::memory:")
            .await
            .expect("a database"),
    );
    outbox.migrate().await.expect("tables");
    let relay = tokio::spawn(outbox.relay(&bus).until(std::future::pending::<()>()));
    let run = Running::start(welcoming(&bus, &Mending::default()));
    register(&bus, 3).await;
    // What goes through the outbox is counted where the relay hears of it, among the others.
    let publisher = user_profile::Publisher::new(&bus).organization("acme");
    let member = serde_json::from_str(UserCreated::SPEC.examples[0]).expect("an example");
    outbox.store(publisher.user_created(member)).await.expect("stored");
    let stored = "events_published_total{event_type=\"user.created\",service=\"user_profile\",status=\"stored\"} ";
    until("all four are counted", async || {
        let text = exposition.render();
        let count = text.lines().find_map(|line| line.strip_prefix(stored)?.parse::<u64>().ok());
        count.is_some_and(|count| count >= 4)
    })
    .await;

    let desk = Desk::before(bus.admin(&CATALOG).metrics(|| exposition.render()).router());
    let scrape = async || {
        let request = Request::get("/metrics").body(Body::empty()).expect("a request");
        desk.send(request).await
    };
    until("everything is measured", async || {
        let (_, _, text) = scrape().await;
        METRICS.iter().all(|metric| {
            text.contains(&format!("\n# TYPE {} ", metric.name))
                || text.starts_with(&format!("# HELP {} ", metric.name))
        })
    })
    .await;
    let (status, kind, text) = scrape().await;
    assert_eq!((status, kind.as_str()), (StatusCode::OK, Exposition::CONTENT_TYPE));
    for metric in METRICS {
        let kind = match metric.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
            other => panic!("{other:?} is new"),
        };
        assert!(text.contains(&format!("# TYPE {} {kind}\n", metric.name)), "{}", metric.name);
        assert!(
            text.contains(&format!("# HELP {} {}\n", metric.name, metric.help)),
            "{}",
            metric.name
        );
        let sample = text
            .lines()
            .find(|line| !line.starts_with('#') && line.starts_with(metric.name))
            .unwrap_or_else(|| panic!("nothing is seen of {}", metric.name));
        for label in metric.labels {
            assert!(sample.contains(&format!("{label}=\"")), "{label} of {sample}");
        }
    }
    check(&text);
    run.stop().await;
    relay.abort();
}

fn check(text: &str) {
    let mut promtool = Command::new("promtool");
    promtool.args(["check", "metrics"]);
    let mut promtool = promtool
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool: `cargo xtask tools` installs it, or says how to");
    promtool.stdin.take().expect("piped").write_all(text.as_bytes()).expect("it reads");
    let judged = promtool.wait_with_output().expect("it ends");
    let words = [judged.stdout, judged.stderr].concat();
    let words = String::from_utf8_lossy(&words);
    assert!(judged.status.success() && words.trim().is_empty(), "{words}\n{text}");
}

#[tokio::test]
async fn without_figures_the_endpoint_says_how_to_get_some() {
    let bus = super::embedded().await;
    let desk = Desk::new(&bus);
    let (status, problem) = desk.get("/metrics").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(problem["detail"].as_str().is_some_and(|words| words.contains("Admin::metrics")));
}

#[test]
fn the_guide_has_every_figure_with_its_labels() {
    let guide = include_str!("../../../docs/observability.md");
    let rows: Vec<String> = METRICS
        .iter()
        .map(|metric| {
            let kind = format!("{:?}", metric.kind).to_lowercase();
            let labels: Vec<String> =
                metric.labels.iter().map(|label| format!("`{label}`")).collect();
            let labels = labels.join(", ");
            let space = if labels.is_empty() { "" } else { " " };
            format!("| `{}` | {kind} |{space}{labels} |", metric.name)
        })
        .collect();
    let listed: Vec<&str> = guide
        .lines()
        .filter(|line| {
            ["counter", "gauge", "histogram"]
                .iter()
                .any(|kind| line.contains(&format!("` | {kind} |")))
        })
        .collect();
    assert_eq!(listed.len(), rows.len());
    for (line, row) in listed.iter().zip(&rows) {
        assert!(line.starts_with(row.as_str()), "{row}\n{line}");
    }
}
