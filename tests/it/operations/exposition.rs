//! What Prometheus scrapes, judged by Prometheus' own tool.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use event_catalog::CATALOG;
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
