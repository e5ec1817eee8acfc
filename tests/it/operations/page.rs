//! The page in a real browser.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::Ordering;

use event_catalog::CATALOG;
use fantoccini::error::CmdError;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tidings::{Subscription as _, Tidings};

use super::desk::{Mending, TOKEN, register, welcoming};
use crate::fixture::{Running, until};

/// A browser without a window, and what drives it.
struct Browser {
    client: Client,
    driver: Child,
    /// Open, so that it may go on talking.
    _output: BufReader<ChildStdout>,
}

impl Browser {
    async fn start() -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("chromedriver: `cargo xtask tools` installs it, or says how to");
        let mut output = BufReader::new(driver.stdout.take().expect("piped"));
        // It says where it listens, once it does.
        let port = output
            .by_ref()
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| {
                line.split("on port ").nth(1)?.trim_end_matches('.').parse::<u16>().ok()
            })
            .find(|port| *port != 0)
            .expect("a port");
        // In a container nobody but root is there, who may not be kept in a sandbox; and shared memory is small.
        let options = json!({ "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"] });
        let capabilities = json!({ "browserName": "chrome", "goog:chromeOptions": options });
        let capabilities = capabilities.as_object().expect("an object").clone();
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities);
        let client = client.connect(&format!("http://127.0.0.1:{port}")).await;
        Self { client: client.expect("a browser"), driver, _output: output }
    }

    async fn text(&self, css: &str) -> String {
        let found = self.client.find(Locator::Css(css)).await;
        match found {
            Ok(element) => element.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    async fn count(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.map_or(0, |found| found.len())
    }

    async fn click(&self, css: &str) {
        let element = self.client.find(Locator::Css(css)).await;
        element.unwrap_or_else(|error| panic!("{css}: {error}")).click().await.expect("a click");
    }

    /// Keeps what is seen, for whoever wants to look: in the folder that `TIDINGS_SCREENSHOTS` names.
    async fn keep(&self, name: &str) -> Result<(), CmdError> {
        if let Some(folder) = std::env::var_os("TIDINGS_SCREENSHOTS") {
            for (size, (width, height)) in [("desktop", (1280, 900)), ("phone", (390, 844))] {
                self.client.set_window_size(width, height).await?;
                let seen = self.client.screenshot().await?;
                let file = std::path::Path::new(&folder).join(format!("{name}-{size}.png"));
                std::fs::write(file, seen)?;
            }
            self.client.set_window_size(1280, 900).await?;
        }
        Ok(())
    }

    async fn end(mut self) {
        let _ = self.client.clone().close().await;
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

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
    let width =
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    browser.client.set_window_size(390, 844).await?;
    let overflow = browser.client.execute(width, Vec::new()).await?;
    assert_eq!(overflow, 0, "on a phone nothing lies beside the page");
    Ok(())
}
