use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use event_catalog::CATALOG;
use serde_json::{Value, json};
use tidings::{Subscription as _, Tidings};

use super::desk::{Desk, Mending, TOKEN, register, welcoming};
use super::on_both_brokers;
use crate::fixture::{Running, until};

const LETTERS: &str = "/api/v1/events/dlq";

on_both_brokers!(
    a_dead_letter_is_found_read_and_replayed,
    dead_letters_come_page_by_page_and_filtered,
    what_is_removed_is_named_before,
    subscriptions_tell_how_far_they_are_behind,
    nobody_uses_the_api_without_leave,
);

/// A bus with so many dead letters of `user_profile/welcome_mail`, and what would let them be handled.
async fn with_letters(bus: &Tidings, count: usize) -> (Desk, Running, Mending) {
    let mended = Mending::default();
    let run = Running::start(welcoming(bus, &mended));
    register(bus, count).await;
    until("all are dead letters", async || held(bus).await == count as u64).await;
    (Desk::new(bus), run, mended)
}

async fn held(bus: &Tidings) -> u64 {
    let spec = event_catalog::user_profile::welcome_mail::Subscription::SPEC;
    bus.dead_letters_held(spec).await.expect("a stream of dead letters")
}

fn items(page: &Value) -> &[Value] {
    page["items"].as_array().expect("items")
}

async fn a_dead_letter_is_found_read_and_replayed(bus: Tidings) {
    let (desk, run, mended) = with_letters(&bus, 2).await;
    let (status, page) = desk.get(LETTERS).await;
    assert_eq!((status, items(&page).len(), &page["next"]), (StatusCode::OK, 2, &Value::Null));
    let listed = &items(&page)[0];
    assert_eq!(
        (&listed["reason"], &listed["subscription"]),
        (&"rejected".into(), &"welcome_mail".into())
    );
    // The address stands in the payload and in the handler's words, and must be read in neither.
    assert_eq!(listed["error"], "no mail can be sent to <redacted>");
    let path = format!("{LETTERS}/{}", listed["id"]);
    let (status, letter) = desk.get(&path).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(letter["payload"]["email"], "<redacted>");
    assert!(letter["payload"]["user_id"].is_string(), "{letter}");
    assert!(!letter.to_string().contains("linus@example.com"), "{letter}");

    mended.store(true, Ordering::Relaxed);
    let (status, replayed) = desk.post(&format!("{path}/replay"), json!({})).await;
    assert_eq!((status, &replayed["replayed"]), (StatusCode::OK, &1.into()));
    assert_eq!(held(&bus).await, 1, "the other one is still there");
    for method in ["get", "delete", "replay"] {
        let (status, problem) = match method {
            "get" => desk.get(&path).await,
            "delete" => desk.delete(&path).await,
            _ => desk.post(&format!("{path}/replay"), json!({})).await,
        };
        assert_eq!(status, StatusCode::NOT_FOUND, "{method}: {problem}");
    }

    let (_, counted) = desk.post(&format!("{LETTERS}/replay"), json!({ "dry_run": true })).await;
    assert_eq!(counted, json!({ "replayed": 1, "left": 0, "dry_run": true }));
    assert_eq!(held(&bus).await, 1, "it was only counted");
    let rejected = json!({ "service": "user_profile", "reason": "rejected" });
    let (_, replayed) = desk.post(&format!("{LETTERS}/replay"), rejected).await;
    assert_eq!(replayed, json!({ "replayed": 1, "left": 0, "dry_run": false }));
    let spec = event_catalog::user_profile::welcome_mail::Subscription::SPEC;
    bus.idle(spec).await.expect("idle");
    let report = run.stop().await;
    assert_eq!((report.handled, report.dead_lettered, held(&bus).await), (2, 2, 0));
}

async fn dead_letters_come_page_by_page_and_filtered(bus: Tidings) {
    let (desk, run, _) = with_letters(&bus, 5).await;
    let mut ids: Vec<u64> = Vec::new();
    let mut path = format!("{LETTERS}?limit=2");
    loop {
        let (_, page) = desk.get(&path).await;
        assert!((1..=2).contains(&items(&page).len()), "{page}");
        ids.extend(items(&page).iter().map(|item| item["id"].as_u64().expect("a number")));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("{LETTERS}?limit=2&cursor={next}");
    }
    assert_eq!(ids.len(), 5);
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    let (_, all) = desk.get(LETTERS).await;
    let times: Vec<&str> =
        items(&all).iter().map(|item| item["time"].as_str().expect("a time")).collect();
    for (filter, found) in [
        ("service=user_profile", 5),
        ("service=user_profile&subscription=welcome_mail", 5),
        ("event_type=user.created&reason=rejected", 5),
        ("event_type=user.updated", 0),
        ("reason=timed-out", 0),
        ("before=2020-01-01T00:00:00Z", 0),
    ] {
        let (status, page) = desk.get(&format!("{LETTERS}?{filter}")).await;
        assert_eq!((status, items(&page).len()), (StatusCode::OK, found), "{filter}");
    }
    // They are of one kind, and so are compared as texts; some may have come at one time.
    let (since, before) = (times.iter().filter(|time| **time >= times[3]), times[3]);
    let (_, page) = desk.get(&format!("{LETTERS}?since={before}")).await;
    assert_eq!(items(&page).len(), since.count());
    let (_, page) = desk.get(&format!("{LETTERS}?before={before}")).await;
    assert_eq!(items(&page).len(), times.iter().filter(|time| **time < before).count());
    for (query, words) in [
        ("limit=0", "`limit` is from 1 to 200"),
        ("limit=many", "invalid digit"),
        ("reson=failed", "unknown field `reson`"),
        ("reason=bored", "no reason is called `bored`"),
        ("service=bakery", "no service `bakery`"),
        ("subscription=welcome_mail", "needs `service`"),
        ("service=user_profile&subscription=bread", "no subscription `bread`"),
        ("dry_run=true", "`dry_run` says nothing here"),
        ("since=yesterday", "since"),
    ] {
        let (status, problem) = desk.get(&format!("{LETTERS}?{query}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
        let detail = problem["detail"].as_str().expect("words");
        assert!(detail.contains(words), "{query}: {detail}");
    }
    run.stop().await;
}

async fn what_is_removed_is_named_before(bus: Tidings) {
    let (desk, run, _) = with_letters(&bus, 3).await;
    let (status, problem) = desk.delete(LETTERS).await;
    assert_eq!((status, held(&bus).await), (StatusCode::BAD_REQUEST, 3), "{problem}");
    let (_, page) = desk.get(LETTERS).await;
    let (_, deleted) = desk.delete(&format!("{LETTERS}/{}", items(&page)[1]["id"])).await;
    assert_eq!((deleted, held(&bus).await), (json!({ "deleted": 1 }), 2));
    let (_, deleted) = desk.delete(&format!("{LETTERS}?event_type=user.updated")).await;
    assert_eq!((deleted, held(&bus).await), (json!({ "deleted": 0 }), 2));
    let (_, deleted) = desk.delete(&format!("{LETTERS}?all=true")).await;
    assert_eq!((deleted, held(&bus).await), (json!({ "deleted": 2 }), 0));
    run.stop().await;
}

async fn subscriptions_tell_how_far_they_are_behind(bus: Tidings) {
    let (desk, run, _) = with_letters(&bus, 2).await;
    let (_, all) = desk.get("/api/v1/subscriptions").await;
    assert_eq!(items(&all).len(), CATALOG.subscriptions.len());
    let first = &items(&all)[0];
    assert_eq!(first["durable"], "user_profile-welcome_mail");
    assert_eq!(
        (&first["runs_here"], &first["dead_letters"], &first["breaker"]),
        (&true.into(), &2.into(), &"closed".into()),
    );
    assert!(items(&all)[1..].iter().all(|one| one["runs_here"] == false));
    run.stop().await;
    register(&bus, 3).await;
    until("what was published is counted", async || {
        let (_, all) = desk.get("/api/v1/subscriptions").await;
        let one = items(&all).iter().find(|one| one["durable"] == "user_profile-welcome_mail");
        one.is_some_and(|one| one["lag"] == 3 && one["runs_here"] == false)
    })
    .await;
}

async fn nobody_uses_the_api_without_leave(bus: Tidings) {
    let ask = |token: Option<&str>, site: Option<&str>| {
        let mut request = Request::builder().uri(LETTERS);
        if let Some(token) = token {
            request = request.header("authorization", token);
        }
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        request.body(Body::empty()).expect("a request")
    };
    let with_token = Desk::new(&bus);
    let own = format!("Bearer {TOKEN}");
    for (token, site, expected) in [
        (None, None, StatusCode::UNAUTHORIZED),
        (Some("Bearer let-me-out"), None, StatusCode::UNAUTHORIZED),
        (Some("Bearer let-me-in-"), None, StatusCode::UNAUTHORIZED),
        (Some("Basic let-me-in"), None, StatusCode::UNAUTHORIZED),
        (Some(own.as_str()), None, StatusCode::OK),
        (Some(own.as_str()), Some("same-origin"), StatusCode::OK),
        (Some(own.as_str()), Some("cross-site"), StatusCode::FORBIDDEN),
    ] {
        let (status, _, body) = with_token.send(ask(token, site)).await;
        assert_eq!(status, expected, "{token:?} {site:?}: {body}");
    }
    for closed in [bus.admin(&CATALOG), bus.admin(&CATALOG).token("")] {
        let closed = Desk::before(closed.router());
        let (status, _, body) = closed.send(ask(Some("Bearer "), None)).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert!(body.contains("Admin::token"), "{body}");
        let (status, ..) =
            closed.send(Request::get("/healthz").body(Body::empty()).expect("a request")).await;
        assert_eq!(status, StatusCode::OK, "probes are open");
    }
    let open = Desk::before(bus.admin(&CATALOG).behind_own_auth().router());
    assert_eq!(open.send(ask(None, None)).await.0, StatusCode::OK);
    assert_eq!(open.send(ask(None, Some("cross-site"))).await.0, StatusCode::FORBIDDEN);
}
