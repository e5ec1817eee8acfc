//! Which request goes where.

use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, delete, get, post};

use super::access::{Access, guard};
use super::problem::Problem;
use super::{Shared, letters, openapi, page, probes, subscriptions};

type Routes = Vec<(&'static str, &'static str, MethodRouter<Arc<Shared>>)>;

pub(super) fn router(access: Access, shared: Arc<Shared>) -> Router {
    let all = |routes: Routes| {
        routes.into_iter().fold(Router::new(), |router, (_, path, to)| router.route(path, to))
    };
    let guarded = all(guarded()).route_layer(from_fn_with_state(access, guard));
    all(open()).merge(guarded).fallback(nothing).with_state(shared)
}

/// For everybody.
fn open() -> Routes {
    vec![
        ("get", "/", get(page::page)),
        ("get", "/healthz", get(probes::alive)),
        ("get", "/readyz", get(probes::ready)),
        ("get", "/metrics", get(probes::figures)),
        ("get", "/api/v1/openapi.json", get(openapi::description)),
    ]
}

/// For whoever has access.
fn guarded() -> Routes {
    vec![
        ("get", "/api/v1/subscriptions", get(subscriptions::list)),
        ("get", "/api/v1/events/dlq", get(letters::list)),
        ("delete", "/api/v1/events/dlq", delete(letters::remove)),
        ("post", "/api/v1/events/dlq/replay", post(letters::replay)),
        ("get", "/api/v1/events/dlq/{id}", get(letters::show)),
        ("delete", "/api/v1/events/dlq/{id}", delete(letters::remove_one)),
        ("post", "/api/v1/events/dlq/{id}/replay", post(letters::replay_one)),
    ]
}

async fn nothing(uri: Uri) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, format!("there is nothing at `{}`", uri.path()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_description_has_every_route_and_no_other() {
        let described: serde_json::Value =
            serde_json::from_str(openapi::DESCRIPTION).expect("JSON");
        let paths = described["paths"].as_object().expect("paths");
        let described: BTreeSet<(String, String)> = paths
            .iter()
            .flat_map(|(path, item)| {
                let methods = item.as_object().expect("methods").keys();
                methods
                    .filter(|key| *key != "parameters")
                    .map(|method| (path.clone(), method.clone()))
            })
            .collect();
        let routes = open().into_iter().chain(guarded());
        let routed: BTreeSet<(String, String)> =
            routes.map(|(method, path, _)| (path.to_owned(), method.to_owned())).collect();
        assert_eq!(described, routed);
    }
}
