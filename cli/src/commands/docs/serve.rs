//! The site for browsers of this machine, made anew with each change of the catalog.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};
use tidings_codegen::emit::site;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::answer;
use crate::commands::Outcome;
use crate::failure::Failure;
use crate::folder::CatalogFolder;
use crate::online::runtime;
use crate::report::{Format, Report, Verdict};
use crate::session::Session;
use crate::watch::Changes;

/// What served pages have beside written ones: they wait for the next version of the site, and load it.
const RELOAD: &str = "<script>(async () => { for (;;) { try { \
     const answer = await fetch(`/.changed?since=VERSION`, { cache: \"no-store\" }); \
     if (answer.ok) { location.reload(); return; } } catch {} \
     await new Promise((again) => setTimeout(again, 1000)); } })();</script></body>";

/// The site as it is now.
#[derive(Default)]
struct Current {
    /// Counted from 1; 0 before there is any.
    version: u64,
    files: BTreeMap<String, String>,
}

/// Whoever reads the site waits for the next one with a copy of this.
type Site = watch::Receiver<Arc<Current>>;

pub(super) fn run(session: &Session, folder: &CatalogFolder, address: SocketAddr) -> Outcome {
    let changes = Changes::of(folder)?;
    runtime::to_the_end(async |mut interruption| {
        let listener = TcpListener::bind(address).await.map_err(|error| {
            Failure::new(format!("cannot listen on {address}: {error}"))
                .help("`--address 127.0.0.1:0` takes any port that is free")
        })?;
        let bound = listener.local_addr();
        let bound = bound.map_err(|error| Failure::new(format!("cannot listen: {error}")))?;
        let (publish, current) = watch::channel(Arc::new(Current::default()));
        make(session, folder, &publish)?;
        let router = Router::new().route("/.changed", get(changed)).fallback(page);
        let served =
            tokio::spawn(async move { axum::serve(listener, router.with_state(current)).await });
        let url = format!("http://{bound}/");
        said(session, &json!({ "step": "serving", "url": url }), &format!("serving {url}\n"))?;
        tokio::select! {
            biased;
            () = interruption.told() => Ok(Verdict::Passed),
            worked = again(session, folder, changes, &publish) => worked,
            _ = served => Err(Failure::new("the site is not served any more")),
        }
    })
}

/// With each change; ends only with an error.
async fn again(
    session: &Session,
    folder: &CatalogFolder,
    changes: Changes,
    publish: &watch::Sender<Arc<Current>>,
) -> Outcome {
    let mut changed = changes.heard();
    while let Some(change) = changed.recv().await {
        change?;
        make(session, folder, publish)?;
    }
    Err(Failure::new("the event catalog is not watched any more"))
}

/// Mistakes of the catalog are shown; browsers keep what they have.
fn make(
    session: &Session,
    folder: &CatalogFolder,
    publish: &watch::Sender<Arc<Current>>,
) -> Result<(), Failure> {
    let compilation = session.compile(folder)?;
    if compilation.has_errors() {
        let mut report = Report::new("docs");
        report.compilation(folder, &compilation);
        report.summary("the catalog has mistakes: the site stays as it was");
        return report.write(session).map(drop);
    }
    let files = site::emit(&compilation.catalog);
    let files: BTreeMap<String, String> =
        files.into_iter().map(|one| (one.path, one.text)).collect();
    let before = publish.borrow().clone();
    if before.files == files {
        return Ok(());
    }
    let (version, count) = (before.version + 1, files.len());
    publish.send_replace(Arc::new(Current { version, files }));
    said(
        session,
        &json!({ "step": "made", "version": version, "files": count }),
        &format!("the site is made, {count} files\n"),
    )
}

fn said(session: &Session, data: &Value, text: &str) -> Result<(), Failure> {
    match session.format {
        Format::Json => session.output.write(&answer::document("docs", data)?),
        _ if session.is_quiet() => Ok(()),
        _ => session.output.write(text),
    }
}

#[derive(Deserialize)]
struct Since {
    since: u64,
}

/// Answers once there is another version than the one that the page is of.
async fn changed(State(mut site): State<Site>, Query(Since { since }): Query<Since>) -> StatusCode {
    match site.wait_for(|current| current.version != since).await {
        Ok(_) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

async fn page(State(site): State<Site>, uri: Uri) -> Response {
    let current = site.borrow().clone();
    if current.version == 0 {
        let waiting = "<!doctype html><title>Tidings</title><p>The catalog has mistakes: see the terminal.</p></body>";
        return html(waiting, current.version);
    }
    let path = match uri.path().trim_start_matches('/') {
        "" => "index.html",
        path => path,
    };
    let Some(text) = current.files.get(path) else {
        return (StatusCode::NOT_FOUND, "there is no such page\n").into_response();
    };
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => html(text, current.version),
        Some("css") => of_type("text/css; charset=utf-8", text.clone()),
        Some("js") => of_type("text/javascript; charset=utf-8", text.clone()),
        _ => of_type("text/plain; charset=utf-8", text.clone()),
    }
}

fn html(text: &str, version: u64) -> Response {
    let reload = RELOAD.replace("VERSION", &version.to_string());
    of_type("text/html; charset=utf-8", text.replacen("</body>", &reload, 1))
}

fn of_type(kind: &'static str, text: String) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], text).into_response()
}
