//! The site of the samples, read from a folder.

use fantoccini::Locator;
use fantoccini::error::CmdError;
use fantoccini::key::Key;
use serde_json::json;

use super::{samples, written};
use crate::browser::Browser;
use crate::corpora::corpus;
use crate::fixture::until;

/// A page of each kind.
const PAGES: [&str; 14] = [
    "index.html",
    "events/orders.order.created.html",
    "domains/orders.html",
    "services/payments.html",
    "services/user_profile.html",
    "flows/order_fulfilment.html",
    "flows.html",
    "streams/ORDERS_EVENTS.html",
    "types/Address.html",
    "map.html#event=orders.order.created&field=email&change=remove",
    "services.html",
    "changes.html",
    "personal.html",
    "wire.html",
];

#[tokio::test]
async fn a_reader_finds_an_event_and_sees_who_breaks_when_it_changes() {
    let compilation = samples();
    let (_folder, address) = written(&compilation.catalog);
    let browser = Browser::start().await;
    let seen = read(&browser, &address).await;
    browser.end().await;
    seen.expect("what a reader does");
}

async fn read(browser: &Browser, address: &str) -> Result<(), CmdError> {
    browser.client.set_window_size(1280, 900).await?;
    browser.client.goto(&format!("{address}/index.html")).await?;
    // From the keyboard alone: the search, its first answer, its page.
    press(browser, "/").await?;
    press(browser, "order created").await?;
    until("it is found", async || {
        browser.text("#found a[aria-selected=true]").await.contains("orders.order.created")
    })
    .await;
    browser.keep("site-search").await?;
    press(browser, &char::from(Key::Enter).to_string()).await?;
    until("its page", async || browser.text("h1").await.contains("orders.order.created")).await;
    let flow = browser.text(".flow").await;
    assert!(flow.contains("analytics") && flow.contains("inventory"), "{flow}");
    assert!(browser.text("#versions + .versions").await.contains("must be present"));

    // A field's name is found too, under the event that has it.
    let field = browser.client.find(Locator::Id("search")).await?;
    field.send_keys("sessions_revoked").await?;
    until("the field is found", async || {
        browser.text("#found a[aria-selected=true]").await.contains("field sessions_revoked")
    })
    .await;
    field.clear().await?;
    // So is a subject that no stream has, with whoever answers on it.
    field.send_keys("profile.card.stale").await?;
    until("the subject is found", async || {
        browser.text("#found a[aria-selected=true]").await.contains("heard by user_profile")
    })
    .await;
    field.send_keys(&char::from(Key::Escape).to_string()).await?;

    // Tabs are moved through by arrows.
    browser.click(".tablist [role=tab]").await;
    press(browser, &char::from(Key::Right).to_string()).await?;
    assert_eq!(browser.text(".tabs [role=tab][aria-selected=true]").await, "On the wire");
    assert!(browser.text(".tab:not([hidden])").await.contains("Nats-Msg-Id"));

    browser.click("a.impact[href*='field=email']").await;
    until("the map is there", async || browser.count(".board button").await > 5).await;
    assert!(browser.text(".verdict").await.contains("2 services break"));
    assert_eq!(browser.count(".board button.hurt").await, 2);
    assert!(browser.count(".board path.hurt").await == 2, "their lines are marked");
    let who = browser.text(".who").await;
    assert!(who.contains("allocation") && who.contains("order_book"), "{who}");
    choose(browser, 2, "null").await?;
    let verdict = browser.text(".verdict").await;
    assert!(verdict.contains("break"), "{verdict}");
    // A field of a type that others share is a field of theirs.
    choose(browser, 1, "total.currency").await?;
    until("others have it", async || browser.text("#map-panel").await.contains("Money")).await;
    assert!(browser.count(".board button.hurt").await > 2, "whoever receives money");

    let theme = "return document.documentElement.dataset.theme";
    browser.click("#theme").await;
    assert_eq!(browser.client.execute(theme, Vec::new()).await?, "dark");
    browser.click("#theme").await;
    assert_eq!(browser.client.execute(theme, Vec::new()).await?, "light");
    Ok(())
}

/// Types without looking where.
async fn press(browser: &Browser, keys: &str) -> Result<(), CmdError> {
    browser.client.active_element().await?.send_keys(keys).await
}

/// Chooses in a list of the panel: the version, the field, or the change.
async fn choose(browser: &Browser, list: usize, value: &str) -> Result<(), CmdError> {
    let lists = browser.client.find_all(Locator::Css("#map-panel select")).await?;
    lists[list].select_by_value(value).await
}

#[tokio::test]
async fn a_flow_is_drawn_from_left_to_right_and_read_from_top_to_bottom() {
    let compilation = samples();
    let (_folder, address) = written(&compilation.catalog);
    let browser = Browser::start().await;
    let seen = follow(&browser, &address).await;
    browser.end().await;
    seen.expect("what a reader does");
}

async fn follow(browser: &Browser, address: &str) -> Result<(), CmdError> {
    // Where the arrows of the first step begin and end, and where the columns of its services are.
    const DRAWN: &str = "const middle = (one) => { const box = one.getBoundingClientRect(); return box.x + box.width / 2; }; \
         const heads = [...document.querySelectorAll('.heads li')]; \
         const column = (name) => Math.round(middle(heads.find((one) => one.textContent === name))); \
         const step = document.querySelector('.step'); const line = step.querySelector('.line').getBoundingClientRect(); \
         return [Math.round(line.left), Math.round(line.right), column('orders'), column('analytics'), column('inventory')];";
    browser.client.set_window_size(1280, 900).await?;
    browser.client.goto(&format!("{address}/events/orders.order.created.html")).await?;
    browser.click("dd a[href*='flows/order_fulfilment']").await;
    until("the flow", async || browser.text("h1").await.contains("order_fulfilment")).await;
    let drawn = browser.client.execute(DRAWN, Vec::new()).await?;
    let drawn: Vec<i64> = serde_json::from_value(drawn).expect("five numbers");
    let [left, right, orders, analytics, inventory] = drawn[..] else { panic!("{drawn:?}") };
    let ends = [analytics.max(inventory), orders];
    assert!((left - ends[1]).abs() <= 2 && (right - ends[0]).abs() <= 2, "{drawn:?}");
    // All ways on are frames within each other, and the columns of the innermost are still those of the heads.
    const INNER: &str = "const step = [...document.querySelectorAll('.ways .ways .step')][0]; \
         const lanes = document.querySelector('.lanes').getBoundingClientRect(); const own = step.getBoundingClientRect(); \
         return Math.max(Math.abs(own.left - lanes.left), Math.abs(own.right - lanes.right));";
    let apart = browser.client.execute(INNER, Vec::new()).await?;
    assert!(apart.as_f64().is_some_and(|apart| apart < 1.0), "{apart}");
    // What is only seen otherwise is said on a phone.
    browser.client.set_window_size(390, 844).await?;
    let first = browser.text(".step").await;
    assert!(first.contains("orders → analytics, inventory"), "{first}");
    assert!(first.contains("Finds a warehouse"), "{first}");
    browser.client.set_window_size(1280, 900).await?;
    Ok(())
}

#[tokio::test]
async fn every_page_is_for_every_screen_and_every_reader() {
    let compilation = samples();
    let (_folder, address) = written(&compilation.catalog);
    let browser = Browser::start().await;
    let judged = judge(&browser, &address).await;
    browser.end().await;
    let complaints = judged.expect("an answer");
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

async fn judge(browser: &Browser, address: &str) -> Result<Vec<String>, CmdError> {
    const AXE: &str = "const [theme, done] = arguments; document.documentElement.dataset.theme = theme; \
         const rules = theme === 'dark' ? { runOnly: ['color-contrast'] } : {}; \
         axe.run({ resultTypes: ['violations'], ...rules }).then((found) => done(found.violations.map((one) => \
         `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html).join(' | ')}`)));";
    let axe = std::fs::read_to_string(corpus("axe-core-4.14.1/axe.min.js")).expect("a script");
    let mut complaints = Vec::new();
    for page in PAGES {
        // What differs behind `#` alone would not be loaded.
        browser.client.goto("about:blank").await?;
        browser.client.goto(&format!("{address}/{page}")).await?;
        browser.client.execute(&axe, Vec::new()).await?;
        for theme in ["light", "dark"] {
            let found = browser.client.execute_async(AXE, vec![json!(theme)]).await?;
            let found = found.as_array().cloned().expect("a judgement");
            complaints.extend(found.iter().map(|one| format!("{page}, {theme}: {one}")));
            let name = page.split(['.', '#']).next().unwrap_or_default().replace('/', "-");
            browser.keep(&format!("site-{name}-{theme}")).await?;
        }
        browser.client.set_window_size(390, 844).await?;
        let overflow = browser.overflow().await?;
        if overflow != 0 {
            complaints.push(format!("{page}: {overflow} pixels lie beside a phone's screen"));
        }
        browser.client.set_window_size(1280, 900).await?;
    }
    Ok(complaints)
}
