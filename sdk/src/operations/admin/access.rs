//! Who may use the API.

use std::fmt;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::problem::Problem;

#[derive(Clone)]
pub(super) enum Access {
    /// Nobody.
    Closed,
    /// Whoever sends a token with this digest. Digests are compared, so that not even a token's length can be measured.
    Token([u8; 32]),
    /// Whoever gets here.
    Open,
}

impl Access {
    /// None for an empty token.
    pub(super) fn token(token: &str) -> Option<Self> {
        (!token.is_empty()).then(|| Self::Token(digest(token)))
    }

    fn check(&self, request: &Request) -> Result<(), Problem> {
        if is_foreign(request) {
            let words = "a page of another origin must not use this API";
            return Err(Problem::new(StatusCode::FORBIDDEN, words));
        }
        match self {
            Self::Open => Ok(()),
            Self::Closed => Err(Problem::new(
                StatusCode::FORBIDDEN,
                "the API is closed: the service gives it a token (`Admin::token`), or says that it has a layer of its own \
                 before it (`Admin::behind_own_auth`)",
            )),
            Self::Token(wanted) => {
                let sent = bearer(request).map(digest);
                match sent {
                    Some(sent) if bool::from(sent.ct_eq(wanted)) => Ok(()),
                    Some(_) => Err(Problem::new(StatusCode::UNAUTHORIZED, "this is not the token")),
                    None => Err(Problem::new(
                        StatusCode::UNAUTHORIZED,
                        "send the token of the administration: `Authorization: Bearer …`",
                    )),
                }
            }
        }
    }
}

/// Lets a request through, or answers it.
pub(super) async fn guard(State(access): State<Access>, request: Request, next: Next) -> Response {
    match access.check(&request) {
        Ok(()) => next.run(request).await,
        Err(problem) => {
            let unauthorized = problem.status() == StatusCode::UNAUTHORIZED;
            let mut response = problem.into_response();
            if unauthorized {
                let bearer = HeaderValue::from_static("Bearer");
                response.headers_mut().insert(WWW_AUTHENTICATE, bearer);
            }
            response
        }
    }
}

fn bearer(request: &Request) -> Option<&str> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Whether a browser says that a page of somebody else's sent this. Where the service's own layer goes by cookies, such a page
/// could otherwise act for whoever looks at it.
fn is_foreign(request: &Request) -> bool {
    let site = request.headers().get("sec-fetch-site");
    site.is_some_and(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"))
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "Closed",
            Self::Token(_) => "Token",
            Self::Open => "Open",
        })
    }
}
