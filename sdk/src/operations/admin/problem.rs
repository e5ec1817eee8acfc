use axum::Json;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::{BrokerError, RedriveError};

/// Why a request was not answered, as [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) has it.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    detail: String,
    /// What was done before.
    replayed: Option<u64>,
}

#[derive(Serialize)]
struct Body<'p> {
    title: &'static str,
    status: u16,
    detail: &'p str,
    #[serde(skip_serializing_if = "Option::is_none")]
    replayed: Option<u64>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), replayed: None }
    }

    /// What was asked for cannot be meant.
    pub(super) fn unmeant(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(super) fn no_letter(id: u64) -> Self {
        let words =
            format!("there is no dead letter {id}: it was replayed or removed, or never was");
        Self::new(StatusCode::NOT_FOUND, words)
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }
}

impl From<BrokerError> for Problem {
    fn from(error: BrokerError) -> Self {
        Self::new(StatusCode::BAD_GATEWAY, error.to_string())
    }
}

impl From<RedriveError> for Problem {
    fn from(error: RedriveError) -> Self {
        let mut detail = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            detail = format!("{detail}: {error}");
            cause = error.source();
        }
        Self { status: StatusCode::BAD_GATEWAY, detail, replayed: Some(error.redriven.count) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { status, detail, replayed } = &self;
        let title = status.canonical_reason().unwrap_or("Error");
        let body = Body { title, status: status.as_u16(), detail, replayed: *replayed };
        let mut response = (*status, Json(body)).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(CONTENT_TYPE, kind);
        response
    }
}
