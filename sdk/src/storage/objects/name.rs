//! What buckets and objects are called below.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE;

use super::ObjectError;
use crate::storage::bucket;

/// The longest name of an object, in bytes: servers bound the length of a line.
const MAX_NAME: usize = 512;

/// The stream of a bucket.
pub(super) fn stream(name: &str) -> Result<&'static str, ObjectError> {
    bucket::stream("OBJ_", name).ok_or_else(|| ObjectError::BucketName { name: name.to_owned() })
}

/// What a bucket's stream captures.
pub(super) fn subjects(bucket: &str) -> [String; 2] {
    ["C", "M"].map(|kind| format!("$O.{bucket}.{kind}.>"))
}

/// Where it is said what an object is. Its name may hold what a subject cannot.
pub(super) fn meta(bucket: &str, name: &str) -> Result<String, ObjectError> {
    if name.is_empty() || name.len() > MAX_NAME {
        return Err(ObjectError::Name { name: name.to_owned() });
    }
    Ok(format!("$O.{bucket}.M.{}", BASE64_URL_SAFE.encode(name)))
}

/// The object of which a subject tells.
pub(super) fn of_meta(subject: &str) -> Option<String> {
    let (_, token) = subject.rsplit_once('.')?;
    String::from_utf8(BASE64_URL_SAFE.decode(token).ok()?).ok()
}

/// Where the parts of an object are.
pub(super) fn chunks(bucket: &str, nuid: &str) -> String {
    format!("$O.{bucket}.C.{nuid}")
}
