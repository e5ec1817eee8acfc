//! What has gone wrong with a server, and what to do about it.

use std::error::Error;

use tidings::BrokerError;

use crate::failure::Failure;

/// Why something could not be done: the error and its causes, and the way out where one is known.
pub(crate) fn because(error: &(dyn Error + 'static)) -> Failure {
    let mut words: Vec<String> = Vec::new();
    let (mut missing, mut next) = (None, Some(error));
    while let Some(cause) = next {
        next = cause.source();
        missing = missing.or_else(|| cause.downcast_ref::<BrokerError>().and_then(not_there));
        let said = cause.to_string();
        // Some say what their cause says.
        if words.last().is_none_or(|last| !last.ends_with(&said)) {
            words.push(said);
        }
    }
    match missing {
        Some(missing) => missing,
        None => Failure::new(words.join(": ")),
    }
}

/// A stream or consumer that the catalog knows and the server does not.
fn not_there(error: &BrokerError) -> Option<Failure> {
    let what = match error {
        BrokerError::StreamMissing(stream) => format!("the server has no stream `{stream}`"),
        BrokerError::NoStream(subject) => format!("no stream of the server takes `{subject}`"),
        BrokerError::ConsumerMissing { stream, consumer } => {
            format!("the stream `{stream}` has no consumer `{consumer}`")
        }
        _ => return None,
    };
    Some(apply_first(what))
}

/// Something of the catalog's is missing on the server.
pub(crate) fn apply_first(what: String) -> Failure {
    Failure::new(what).help("run `tidings apply`, which creates what the catalog asks for")
}
