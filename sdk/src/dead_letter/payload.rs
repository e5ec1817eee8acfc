use super::{DeadLetter, DeadLetters};
use crate::EnvelopeError;
use crate::envelope;

impl DeadLetters {
    /// The event's payload as JSON, with all that it says about people: a dead letter holds the message as it was sent, which may be
    /// [compressed](crate::catalog::PayloadSpec).
    ///
    /// # Errors
    /// It is no event, or not one that can be read.
    pub fn payload(&self, letter: &DeadLetter) -> Result<String, EnvelopeError> {
        let largest = self.bus.largest_payload();
        let received = envelope::read(&letter.headers, &letter.payload, largest)?;
        Ok(received.data.into_owned())
    }
}
