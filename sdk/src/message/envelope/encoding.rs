//! Bodies that are compressed on their way.

use std::io::Read as _;

use bytes::Bytes;

use super::EnvelopeError;
use crate::message::headers::Headers;

/// Names how the body is encoded, as in HTTP.
pub(crate) const CONTENT_ENCODING: &str = "Content-Encoding";
const ZSTD: &str = "zstd";
/// Says that nothing was done.
const IDENTITY: &str = "identity";

/// zstd's own default: faster than a network, and near the best that it can do with JSON.
const LEVEL: i32 = 3;
/// Frames may ask for as much memory as their window; 2 to the power of this is what every decoder grants.
const LEAST_WINDOW: u32 = 23;
const LARGEST_WINDOW: u32 = 27;

/// The body as it is sent: compressed where it has more bytes than `above`, and has fewer then.
pub(crate) fn compress(headers: &mut Headers, body: Bytes, above: Option<u64>) -> Bytes {
    if above.is_none_or(|above| body.len() as u64 <= above) {
        return body;
    }
    match zstd::bulk::compress(&body, LEVEL) {
        Ok(smaller) if smaller.len() < body.len() => {
            headers.push_received(CONTENT_ENCODING, ZSTD.to_owned());
            smaller.into()
        }
        Ok(_) => body,
        // For want of memory: what is not compressed may still be sent.
        Err(error) => {
            tracing::debug!(%error, bytes = body.len(), "not compressed");
            body
        }
    }
}

/// The body as it was written, of no more than `largest` bytes; none where it is not encoded.
pub(crate) fn decompress(
    headers: &Headers,
    body: &[u8],
    largest: usize,
) -> Result<Option<Vec<u8>>, EnvelopeError> {
    if headers.get(CONTENT_ENCODING).is_none() {
        return Ok(None);
    }
    let named = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(CONTENT_ENCODING));
    let codings = named.flat_map(|(_, value)| value.split(',')).map(str::trim);
    let codings: Vec<String> = codings
        .filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(IDENTITY))
        .map(str::to_ascii_lowercase)
        .collect();
    match codings.as_slice() {
        [] => Ok(None),
        [only] if only == ZSTD => expanded(body, largest).map(Some),
        several => Err(EnvelopeError::ContentEncoding(several.join(", "))),
    }
}

/// Reads no further than `largest`, whatever the frames claim to hold.
fn expanded(body: &[u8], largest: usize) -> Result<Vec<u8>, EnvelopeError> {
    let window = largest.checked_ilog2().map_or(0, |log| log + 1);
    let window = window.clamp(LEAST_WINDOW, LARGEST_WINDOW);
    let decoder = zstd::stream::read::Decoder::with_buffer(body).and_then(|mut decoder| {
        decoder.window_log_max(window)?;
        Ok(decoder)
    });
    let decoder = decoder.map_err(EnvelopeError::Compressed)?;
    let mut whole = Vec::new();
    let limit = u64::try_from(largest).unwrap_or(u64::MAX).saturating_add(1);
    decoder.take(limit).read_to_end(&mut whole).map_err(EnvelopeError::Compressed)?;
    match whole.len() > largest {
        true => Err(EnvelopeError::TooLarge { limit: largest }),
        false => Ok(whole),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGEST: usize = 1 << 20;

    fn encoded(coding: &str) -> Headers {
        let mut headers = Headers::new();
        headers.push_received("content-encoding", coding.to_owned());
        headers
    }

    fn text(bytes: usize) -> Vec<u8> {
        (0..).flat_map(|n: u32| format!("{{\"n\":{n}}}").into_bytes()).take(bytes).collect()
    }

    #[test]
    fn a_body_above_the_threshold_is_compressed_and_read_back() {
        for (bytes, above, compressed) in [
            (1000, None, false),
            (1000, Some(1000), false),
            (1001, Some(1000), true),
            (LARGEST, Some(0), true),
        ] {
            let mut headers = Headers::new();
            let sent = compress(&mut headers, text(bytes).into(), above);
            assert_eq!(headers.get("content-encoding").is_some(), compressed, "{bytes}");
            assert_eq!(sent.len() < bytes, compressed);
            let back = decompress(&headers, &sent, LARGEST).expect("readable");
            assert_eq!(back.map_or(sent, Bytes::from), text(bytes));
        }
    }

    #[test]
    fn what_compression_does_not_make_smaller_is_sent_as_it_is() {
        let mut random = fastrand::Rng::with_seed(7);
        let noise: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(4096).collect();
        for body in [Bytes::new(), "{}".into(), noise.into()] {
            let mut headers = Headers::new();
            assert_eq!(compress(&mut headers, body.clone(), Some(0)), body);
            assert!(headers.is_empty());
        }
    }

    #[test]
    fn a_bomb_is_not_let_off() {
        let bomb = zstd::bulk::compress(&vec![b' '; 64 << 20], 19).expect("compressed");
        assert!(bomb.len() < 10_000, "{} bytes", bomb.len());
        let error = decompress(&encoded("zstd"), &bomb, LARGEST).expect_err("too large");
        assert!(matches!(error, EnvelopeError::TooLarge { limit: LARGEST }), "{error}");
        // Just as much as is allowed, in a frame and in several.
        let half = zstd::bulk::compress(&text(LARGEST / 2), 0).expect("compressed");
        let two = [half.clone(), half].concat();
        let whole = decompress(&encoded("zstd"), &two, LARGEST).expect("readable");
        assert_eq!(whole.map(|whole| whole.len()), Some(LARGEST));
    }

    #[test]
    fn the_names_of_encodings_are_those_of_http() {
        let body = zstd::bulk::compress(b"[1]", 0).expect("compressed");
        for (coding, read) in [
            ("zstd", Some(&b"[1]"[..])),
            ("ZSTD", Some(b"[1]")),
            ("identity, zstd", Some(b"[1]")),
            ("", None),
            ("identity", None),
        ] {
            let plain = decompress(&encoded(coding), &body, LARGEST).expect(coding);
            assert_eq!(plain.as_deref(), read, "{coding:?}");
        }
        for coding in ["gzip", "zstd, zstd", "br,zstd", "zstandard"] {
            let error = decompress(&encoded(coding), &body, LARGEST).expect_err(coding);
            assert!(matches!(error, EnvelopeError::ContentEncoding(_)), "{coding}: {error}");
        }
    }

    #[test]
    fn what_is_not_compressed_although_it_says_so_is_refused() {
        let cut = zstd::bulk::compress(&text(5000), 0).expect("compressed");
        for body in [&b"{\"specversion\":\"1.0\"}"[..], &cut[..cut.len() / 2], &[0x28, 0xb5]] {
            let error = decompress(&encoded("zstd"), body, LARGEST).expect_err("not zstd");
            assert!(matches!(error, EnvelopeError::Compressed(_)), "{error}");
        }
    }
}
