//! The page: one file, with nothing from elsewhere, and allowed to load nothing from elsewhere.

use std::sync::LazyLock;

use axum::http::HeaderName;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::IntoResponse;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

const PAGE: &str = include_str!("page.html");

/// Its own style and script, by their digests, and requests to where it came from.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let (style, script) = (digest("style"), digest("script"));
    format!(
        "default-src 'none'; style-src '{style}'; script-src '{script}'; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    )
});

pub(super) async fn page() -> impl IntoResponse {
    let headers: [(HeaderName, &str); 5] = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, &POLICY),
        (CACHE_CONTROL, "no-cache"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, PAGE)
}

/// The digest of what is between an element's tags.
fn digest(element: &str) -> String {
    let (start, end) = (format!("<{element}>"), format!("</{element}>"));
    let content = PAGE.split_once(&start).and_then(|(_, rest)| rest.split_once(&end));
    let digest = Sha256::digest(content.map_or("", |(content, _)| content).as_bytes());
    format!("sha256-{}", STANDARD.encode(digest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reason;

    #[test]
    fn dead_letters_can_be_chosen_by_each_reason() {
        for word in Reason::words() {
            assert!(PAGE.contains(&format!("\"{word}\"")), "{word}");
        }
    }

    #[test]
    fn the_page_has_one_style_and_one_script_and_nothing_from_elsewhere() {
        for element in ["<style>", "<script>"] {
            assert_eq!(PAGE.matches(element).count(), 1, "{element}");
        }
        for loading in ["src=", "href=\"http", "url(", "@import", " style=", " onclick="] {
            assert!(!PAGE.contains(loading), "{loading}");
        }
    }
}
