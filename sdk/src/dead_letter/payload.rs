use super::{DeadLetter, DeadLetters};
use crate::{PayloadError, message::claim, message::envelope};

impl DeadLetters {
    /// The event's payload as JSON, with all that it says about people: a dead letter holds the message as it was sent, which may be
    /// compressed, or name an object that holds the payload.
    ///
    /// # Errors
    /// It is no event, or not one that can be read, or its payload cannot be fetched.
    pub async fn payload(&self, letter: &DeadLetter) -> Result<String, PayloadError> {
        let largest = self.bus.largest_payload();
        let data = envelope::read(&letter.headers, &letter.payload, largest)?.data;
        let payload = claim::resolve(&self.bus, &letter.source_stream, &data).await?;
        Ok(payload.into_owned())
    }
}
