//! Who sits before the administration: sends requests to its router, and holds the answers to the API's own description.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode};
use event_catalog::user::UserCreated;
use event_catalog::{CATALOG, user_profile};
use serde_json::{Value, json};
use tidings::{Event as _, Handled, Reject, Run, State, Tidings, event_handler};
use tower::ServiceExt as _;

pub(super) const TOKEN: &str = "let-me-in";

pub(super) struct Desk {
    pub(super) router: Router,
    described: Value,
}

/// An answer: its status and its body.
pub(super) type Answer = (StatusCode, Value);

impl Desk {
    pub(super) fn new(bus: &Tidings) -> Self {
        Self::before(bus.admin(&CATALOG).token(TOKEN).router())
    }

    pub(super) fn before(router: Router) -> Self {
        let described = include_str!("../../../sdk/src/operations/admin/openapi.json");
        Self { router, described: serde_json::from_str(described).expect("JSON") }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, Some(body)).await
    }

    pub(super) async fn delete(&self, path: &str) -> Answer {
        self.ask(Method::DELETE, path, None).await
    }

    /// Asks with the token, and sees that the answer is one that the description has.
    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = Request::builder().method(&method).uri(path);
        let request = request.header("authorization", format!("Bearer {TOKEN}"));
        let request = match body {
            Some(body) => {
                let json = request.header("content-type", "application/json");
                json.body(Body::from(body.to_string()))
            }
            None => request.body(Body::empty()),
        };
        let (status, kind, body) = self.send(request.expect("a request")).await;
        let answer: Value = serde_json::from_str(&body).expect("JSON");
        self.is_described(&method, path, status, &kind, &answer);
        (status, answer)
    }

    /// Sends any request: its status, media type and body.
    pub(super) async fn send(&self, request: Request<Body>) -> (StatusCode, String, String) {
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let kind = response.headers().get("content-type");
        let kind = kind.map_or("", |kind| kind.to_str().expect("text")).to_owned();
        let status = response.status();
        let body = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
        (status, kind, String::from_utf8(body.to_vec()).expect("text"))
    }

    fn is_described(
        &self,
        method: &Method,
        path: &str,
        status: StatusCode,
        kind: &str,
        answer: &Value,
    ) {
        let path = path.split('?').next().unwrap_or(path);
        let template: Vec<&str> = path
            .split('/')
            .map(|part| if part.parse::<u64>().is_ok() { "{id}" } else { part })
            .collect();
        let operation =
            &self.described["paths"][template.join("/")][method.as_str().to_ascii_lowercase()];
        assert!(operation.is_object(), "{method} {path} is described");
        let mut response = &operation["responses"][status.as_str()];
        if let Some(reference) = response["$ref"].as_str() {
            response = self.described.pointer(&reference[1..]).expect("it is there");
        }
        let kind = kind.split(';').next().unwrap_or(kind);
        let schema = &response["content"][kind]["schema"];
        assert!(schema.is_object(), "{method} {path}: {status} as {kind} is described: {answer}");
        let mut whole = json!({ "allOf": [schema], "components": self.described["components"] });
        whole["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
        let validator = jsonschema::validator_for(&whole).expect("a schema");
        let errors: Vec<String> = validator
            .iter_errors(answer)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{method} {path}: {errors:?}\n{answer:#}");
    }
}

/// Whether mails can be sent now.
pub(super) type Mending = Arc<AtomicBool>;

#[event_handler]
async fn welcome(user: UserCreated, State(mended): State<Mending>) -> Handled {
    if mended.load(Ordering::Relaxed) {
        return Ok(());
    }
    Err(Reject::because(format!("no mail can be sent to {}", user.email)))?
}

/// Sends a mail to every new member; rejects each as long as nothing is mended.
pub(super) fn welcoming(bus: &Tidings, mended: &Mending) -> Run {
    let subscriber = user_profile::welcome_mail::Handlers { user_created: welcome }.subscriber();
    bus.run(subscriber).state(Arc::clone(mended))
}

/// So many members register.
pub(super) async fn register(bus: &Tidings, members: usize) {
    let publisher = user_profile::Publisher::new(bus).organization("acme");
    for _ in 0..members {
        let member: UserCreated =
            serde_json::from_str(UserCreated::SPEC.examples[0]).expect("an example");
        publisher.user_created(member).await.expect("stored");
    }
}
