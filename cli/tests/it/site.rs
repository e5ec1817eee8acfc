//! `tidings docs --html` and `--serve`

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use serde_json::Value;
use tidings_codegen::emit::site::{self, File};
use tidings_codegen::{compile, model::Catalog};

use crate::online::AtWork;
use crate::tidings::{Project, workspace};

/// The samples and every golden catalog.
fn catalogs() -> Vec<Catalog> {
    let cases = std::fs::read_dir(workspace().join("codegen/tests/golden")).expect("the cases");
    let cases = cases.map(|case| case.expect("a case").path().join("catalog"));
    let folders = cases.chain([workspace().join("event-catalog")]);
    folders.map(|folder| compile(&folder).expect("a folder").catalog).collect()
}

#[test]
fn every_link_leads_to_a_page_and_its_part() {
    for catalog in catalogs() {
        let files = site::emit(&catalog);
        let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths.len(), files.len(), "{}: a page twice", catalog.name);
        let mut links = 0;
        for page in files.iter().filter(|file| file.path.ends_with(".html")) {
            for target in targets(&page.text) {
                if ["https:", "http:", "mailto:"].iter().any(|start| target.starts_with(start)) {
                    continue;
                }
                links += 1;
                let (path, part) = target.split_once('#').unwrap_or((target, ""));
                let found = leads_to(&files, &page.path, path);
                let found = found
                    .unwrap_or_else(|| panic!("{}: {} links to {target}", catalog.name, page.path));
                let is_state = part.contains('=');
                assert!(
                    part.is_empty() || is_state || found.text.contains(&format!("id=\"{part}\"")),
                    "{}: {} links to {target}",
                    catalog.name,
                    page.path
                );
            }
            let ids: Vec<&str> = between(&page.text, " id=\"");
            let once: BTreeSet<&str> = ids.iter().copied().collect();
            assert_eq!(once.len(), ids.len(), "{}: {}: an id twice", catalog.name, page.path);
        }
        assert!(links > 20, "{}: {links} links", catalog.name);
    }
}

fn leads_to<'f>(files: &'f [File], from: &str, path: &str) -> Option<&'f File> {
    let folder = Path::new(from).parent().unwrap_or(Path::new(""));
    let target = match (path, path.strip_prefix("../")) {
        ("", _) => from.to_owned(),
        (_, Some(above)) => above.to_owned(),
        _ => folder.join(path).to_string_lossy().into_owned(),
    };
    files.iter().find(|file| file.path == target)
}

fn targets(html: &str) -> Vec<&str> {
    [" href=\"", " src=\""].into_iter().flat_map(|attribute| between(html, attribute)).collect()
}

fn between<'a>(text: &'a str, start: &str) -> Vec<&'a str> {
    let parts = text.split(start).skip(1);
    parts.filter_map(|rest| rest.split_once('"')).map(|(text, _)| text).collect()
}

#[test]
fn the_same_catalog_becomes_the_same_site_and_asks_nothing_of_a_network() {
    for (first, second) in catalogs().into_iter().zip(catalogs()) {
        let files = site::emit(&first);
        assert_eq!(files, site::emit(&second));
        for file in &files {
            for target in targets(&file.text).iter().filter(|target| target.contains("://")) {
                let is_loaded = file.text.contains(&format!("src=\"{target}"));
                assert!(!is_loaded, "{}: {target}", file.path);
            }
            assert!(!file.text.contains("@import") && !file.text.contains("url("), "{}", file.path);
        }
    }
}

#[test]
fn what_a_reader_asks_first_is_on_the_page() {
    let samples = compile(&workspace().join("event-catalog")).expect("a folder").catalog;
    let files = site::emit(&samples);
    let page = |path: &str| {
        let found = files.iter().find(|file| file.path == path);
        &found.unwrap_or_else(|| panic!("no {path}")).text
    };
    // Who listens to an order's creation, and what happens if that fails.
    let order = page("events/orders.order.created.html");
    assert!(order.contains("../services/inventory.html") && order.contains("after 4 failures"));
    // What follows, also where nobody has what was ordered.
    assert!(order.contains("../flows/order_fulfilment.html"));
    let flow = page("flows/order_fulfilment.html");
    assert!(flow.contains("<b>either</b> a warehouse has all of it"), "{flow}");
    assert!(flow.contains("kept as a dead letter") && flow.contains("status: <b>cancelled</b>"));
    // Who answers without a stream.
    let members = page("services/user_profile.html");
    assert!(members.contains("id=\"core\"") && members.contains("Answers on"));
    assert!(page("assets/search.js").contains("[\"subject\",\"user_profile.card\""));
    // What changed in version 2, and what is personal.
    assert!(order.contains("Changed since 1.0") && order.contains("direct, encrypted"));
    let payments = page("services/payments.html");
    assert!(payments.contains("after 6 failures") && payments.contains("1s, 2s, 5s, 15s, 30s"));
}

#[test]
fn a_site_is_written_where_it_changes_and_loses_pages_of_what_is_gone() {
    let project = Project::shop();
    let first = project.tidings(&["docs", "--html"]).stdout(0);
    assert!(first.starts_with("site/index.html: ") && first.ends_with(", 0 removed\n"), "{first}");
    let again = project.tidings(&["docs", "--html"]).stdout(0);
    assert!(again.ends_with(" files, 0 written, 0 removed\n"), "{again}");
    project.write("site/events/notes.html", "<p>not ours</p>");
    let page = project.read("site/events/orders.order.created.html");
    project.write("site/flows/gone.html", &page);
    let event = "event-catalog/orders/order-created.yaml";
    let text = project.read(event).replace("orders.order.created", "orders.order.placed");
    project.write(event, &text);
    let service = project.read("event-catalog/services/sales.yaml");
    let service = service.replace("orders.order.created", "orders.order.placed");
    project.write("event-catalog/services/sales.yaml", &service);
    let moved = project.tidings(&["docs", "--html", "--out", "site"]).stdout(0);
    assert!(moved.ends_with(", 2 removed\n"), "{moved}");
    let files = project.files();
    assert!(files.contains(&"site/events/orders.order.placed.html".to_owned()), "{files:?}");
    assert!(files.contains(&"site/events/notes.html".to_owned()), "what is not ours stays");
    assert!(!files.contains(&"site/events/orders.order.created.html".to_owned()), "{files:?}");
    let shown = project.tidings(&["docs", "--html", "--serve"]);
    assert_eq!(shown.code, 2, "one or the other");
}

/// What a browser would be answered.
fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

fn step(work: &mut AtWork, name: &str) -> Value {
    loop {
        let document = work.document();
        if document["data"]["step"] == name {
            return document["data"].clone();
        }
    }
}

#[cfg(unix)]
#[test]
fn a_served_site_is_made_anew_with_each_change() {
    let project = Project::shop();
    let args = ["docs", "--serve", "--address", "127.0.0.1:0", "--format", "json"];
    let mut work = AtWork::start(project.command(&args));
    let serving = step(&mut work, "serving");
    let url = serving["url"].as_str().expect("an address").to_owned();
    let address = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let page = get(&address, "/events/orders.order.created.html");
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("was accepted"), "{page}");
    assert!(page.contains("/.changed?since=1"), "an open page waits for the next");
    assert!(get(&address, "/assets/style.css").contains("text/css"));
    assert!(get(&address, "/events/none.html").starts_with("HTTP/1.1 404"));

    // The page that waits is answered by the change.
    let waiting = {
        let address = address.clone();
        std::thread::spawn(move || get(&address, "/.changed?since=1"))
    };
    let event = "event-catalog/orders/order-created.yaml";
    project.write(event, &project.read(event).replace("was accepted", "was taken"));
    step(&mut work, "made");
    assert!(waiting.join().expect("an answer").starts_with("HTTP/1.1 204"));
    while !get(&address, "/events/orders.order.created.html").contains("was taken") {
        step(&mut work, "made");
    }
    // A mistake is told, and the site stays.
    project.write("event-catalog/orders/broken.yaml", "evnt: x\n");
    while work.document()["findings"][0]["code"] != "T011" {}
    assert!(get(&address, "/").contains("1</b> event"));
    work.interrupt();
    assert_eq!(work.ended().code, 0);
}
