//! The page in a real browser.

use std::sync::atomic::Ordering;

use event_catalog::CATALOG;
use fantoccini::Locator;
use fantoccini::error::CmdError;
use tidings::{Subscription as _, Tidings};

use super::desk::{Mending, TOKEN, register, welcoming};
use crate::browser::Browser;
use crate::fixture::{Running, until};

#[tokio::test]
async fn an_operator_finds_a_dead_letter_reads_why_and_replays_it() {
    let bus: Tidings = super::embedded().await;
    let mended = Mending::default();
    let run = Running::start(welcoming(&bus, &mended));
    register(&bus, 3).await;
    let spec = event_catalog::user_profile::welcome_mail::Subscription::SPEC;
    until("three dead letters", async || {
        bus.dead_letters_held(spec).await.is_ok_and(|held| held == 3)
    })
    .await;
    // Under a path of the service's own, as it is mounted in most.
    let admin = bus.admin(&CATALOG).token(TOKEN).router();
    let router = axum::Router::new().nest("/operations", admin);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });

    let browser = Browser::start().await;
    let seen = see(&browser, &format!("http://{address}/operations"), &mended).await;
    let logged = seen.err();
    browser.end().await;
    assert!(logged.is_none(), "{logged:?}");
    bus.idle(spec).await.expect("idle");
    let report = run.stop().await;
    assert_eq!(
        (report.dead_lettered, report.handled),
        (3, 2),
        "one was replayed, then the two others, but one was removed"
    );
}

async fn see(browser: &Browser, address: &str, mended: &Mending) -> Result<(), CmdError> {
    browser.client.set_window_size(1280, 900).await?;
    browser.client.goto(address).await?;
    until("it asks for the token", async || {
        browser.text("#login").await.contains("needs its token")
    })
    .await;
    assert_eq!(browser.count("tr.letter").await, 0, "nothing is shown before");
    browser.keep("login").await?;
    let field = browser.client.find(Locator::Id("token")).await?;
    field.send_keys("let-me-out").await?;
    browser.click("#login-form button").await;
    until("it refuses a wrong one", async || {
        browser.text("#login").await.contains("not the token")
    })
    .await;
    field.send_keys(TOKEN).await?;
    browser.click("#login-form button").await;
    until("the dead letters are there", async || browser.count("tr.letter").await == 3).await;
    assert_eq!(browser.text("#ready").await, "Ready");
    let subscription = browser.text("#subscriptions-rows tr").await;
    assert!(
        subscription.contains("welcome_mail") && subscription.contains("closed"),
        "{subscription}"
    );
    let why = browser.text("tr.letter").await;
    assert!(why.contains("rejected") && why.contains("no mail can be sent to <redacted>"), "{why}");
    browser.keep("letters").await?;

    browser.click("tr.letter button[aria-expanded]").await;
    until("its payload is there", async || browser.text("tr.detail pre").await.contains("user_id"))
        .await;
    let payload = browser.text("tr.detail pre").await;
    assert!(payload.contains("<redacted>") && !payload.contains("linus"), "{payload}");
    browser.keep("detail").await?;

    // What cannot be mended is removed, once that is confirmed.
    browser.click("tr.detail button.danger").await;
    until("it asks first", async || {
        browser.text("#confirm").await.contains("Nothing brings it back")
    })
    .await;
    browser.keep("confirm").await?;
    browser.click("#confirm-no").await;
    assert_eq!(browser.count("tr.letter").await, 3);
    browser.click("tr.detail button.danger").await;
    browser.click("#confirm-yes").await;
    until("it is gone", async || browser.count("tr.letter").await == 2).await;

    mended.store(true, Ordering::Relaxed);
    browser.click("tr.letter button[data-replay]").await;
    until("it is replayed", async || browser.count("tr.letter").await == 1).await;
    assert!(browser.text("#toast").await.contains("is replayed"));
    browser.click("#replay-all").await;
    until("it says how many", async || {
        browser.text("#confirm").await.contains("Replay 1 dead letter?")
    })
    .await;
    browser.click("#confirm-yes").await;
    until("none is left", async || {
        browser.text("#letters-empty").await.contains("Every event was handled")
    })
    .await;
    browser.keep("empty").await?;
    browser.client.set_window_size(390, 844).await?;
    assert_eq!(browser.overflow().await?, 0, "on a phone nothing lies beside the page");
    Ok(())
}
