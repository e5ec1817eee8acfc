use crate::catalog::{StreamLimits, StreamSpec};

/// The stream of a bucket: it refuses what it has no room for, instead of removing the oldest.
#[derive(Debug)]
pub(crate) struct BucketStream<'a> {
    /// Its name.
    pub name: &'static str,
    /// What it captures.
    pub subjects: Vec<String>,
    /// Messages that are kept of each subject; none for all.
    pub history: Option<u8>,
    /// What bounds it.
    pub limits: &'a StreamLimits,
    /// Whether it is compressed on disk.
    pub compressed: bool,
}

impl<'a> BucketStream<'a> {
    /// The bucket of a catalog's large payloads.
    pub(crate) fn of_payloads(bucket: &'a StreamSpec, environment: &str) -> Self {
        Self {
            name: bucket.name,
            subjects: bucket.subjects.iter().copied().map(str::to_owned).collect(),
            history: None,
            limits: bucket.limits_in(environment),
            compressed: true,
        }
    }
}
