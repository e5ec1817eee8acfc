use crate::BrokerError;

/// A bucket of objects did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ObjectError {
    /// Not the name of a bucket.
    #[error("{name:?} cannot be a bucket's name: 1 to 200 letters, digits, `_` and `-`")]
    BucketName {
        /// What was given.
        name: String,
    },
    /// Not the name of an object.
    #[error("{name:?} cannot be an object's name: 1 to 512 bytes")]
    Name {
        /// What was given.
        name: String,
    },
    /// What is there is not what was put there.
    #[error("the object `{name}` is damaged: {fault}")]
    Damaged {
        /// The object.
        name: String,
        /// What is wrong with it.
        fault: String,
    },
    /// The object is larger than the caller takes.
    #[error("the object `{name}` has {size} bytes, more than {limit}")]
    TooLarge {
        /// The object.
        name: String,
        /// Its bytes.
        size: u64,
        /// The bytes that it may have.
        limit: u64,
    },
    /// Another client has made it stand for another object.
    #[error("`{name}` is a link to an object elsewhere, which is not followed")]
    Link {
        /// The object.
        name: String,
    },
    /// No answer came in time: it may have been put or deleted, or not.
    #[error("it is unknown whether `{name}` was written")]
    Unknown {
        /// The object.
        name: String,
        /// What came of the last attempt.
        source: BrokerError,
    },
    /// The broker could not be asked, or said no. Nothing was put or deleted.
    #[error("the bucket `{bucket}` could not be used")]
    Broker {
        /// The bucket.
        bucket: String,
        /// The broker's word.
        source: BrokerError,
    },
}

impl ObjectError {
    /// What the broker said, where it is about that.
    pub(crate) fn into_broker_error(self) -> BrokerError {
        match self {
            Self::Unknown { source, .. } | Self::Broker { source, .. } => source,
            other => BrokerError::Refused { code: 0, description: other.to_string() },
        }
    }
}
