use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;

/// What the API takes and answers, by OpenAPI 3.1.
pub(super) const DESCRIPTION: &str = include_str!("openapi.json");

pub(super) async fn description() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], DESCRIPTION)
}
