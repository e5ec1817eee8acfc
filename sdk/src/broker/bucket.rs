use crate::catalog::StreamLimits;

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
