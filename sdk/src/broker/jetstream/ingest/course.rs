//! How far a load has come, by what the server says of it.

use super::EVERY;
use super::answer::{Answer, UNKNOWN};
use crate::broker::BrokerError;
use crate::broker::ingest::Progress;

/// So many times what the server answers once may be on their way.
const OUTSTANDING: u64 = 2;

#[derive(Debug)]
pub(super) struct Course {
    pub(super) progress: Progress,
    /// How many may be on their way.
    pub(super) room: u64,
    /// The stream has said that it takes the load.
    is_open: bool,
}

impl Course {
    pub(super) fn new() -> Self {
        Self { progress: Progress { stored: 0, possible: 0 }, room: 1, is_open: false }
    }

    /// Takes note of what was heard when so many were sent, and gives the last place where it is the end of the load.
    pub(super) fn note(&mut self, answer: Answer, sent: u64) -> Result<Option<u64>, BrokerError> {
        match answer {
            Answer::Flow { stored, every } => {
                self.is_open = true;
                self.room = every.clamp(1, EVERY) * OUTSTANDING;
                self.is_stored(stored.min(sent));
                Ok(None)
            }
            // A server that has forgotten the load takes a sign of life behind its first message for the beginning of another
            // one, of which it has nothing.
            Answer::Gap { missing: 1 } if self.is_open => {
                let description = "it does not know the load any more".to_owned();
                Err(BrokerError::Refused { code: UNKNOWN, description })
            }
            Answer::Ended { count: Some(0), last } if self.is_open => Ok(Some(last)),
            Answer::Ended { count: Some(count), last } => {
                self.is_stored(count.min(sent));
                self.progress.possible = self.progress.stored;
                Ok(Some(last))
            }
            Answer::Ended { count: None, last } => {
                // Later it is not said of which message.
                if !self.is_open {
                    self.is_stored(sent.min(1));
                    self.progress.possible = self.progress.stored;
                }
                Ok(Some(last))
            }
            Answer::Gap { missing } => {
                self.is_not_stored(missing);
                Err(BrokerError::Unavailable("a message was lost on its way".into()))
            }
            Answer::Refused { message, error } => {
                self.is_not_stored(message);
                Err(error)
            }
            Answer::Over { error } => Err(error),
            Answer::Nobody => Ok(None),
        }
    }

    /// Neither this message nor one behind it.
    pub(super) fn is_not_stored(&mut self, message: u64) {
        let before = message.saturating_sub(1).max(self.progress.stored);
        self.progress.possible = self.progress.possible.min(before);
    }

    fn is_stored(&mut self, messages: u64) {
        self.progress.stored = self.progress.stored.max(messages);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A load of which so many were sent, and so many are known to be stored.
    fn open(sent: u64, stored: u64) -> Course {
        let mut course = Course::new();
        course.progress.possible = sent;
        assert_eq!(course.note(Answer::Flow { stored, every: 500 }, sent).expect("open"), None);
        course
    }

    fn progress(course: &Course) -> (u64, u64) {
        (course.progress.stored, course.progress.possible)
    }

    #[test]
    fn what_a_forgetful_server_takes_for_a_new_load_says_nothing_of_this_one() {
        let mut course = open(1, 0);
        let gap = course.note(Answer::Gap { missing: 1 }, 1);
        assert!(matches!(gap, Err(BrokerError::Refused { code: UNKNOWN, .. })), "{gap:?}");
        assert_eq!(progress(&course), (0, 1));
        let ended = course.note(Answer::Ended { count: Some(0), last: 0 }, 1).expect("an end");
        assert_eq!((ended, progress(&course)), (Some(0), (0, 1)));
    }

    #[test]
    fn a_first_message_that_was_refused_stays_so() {
        let mut course = open(1, 0);
        let full = BrokerError::Refused { code: 10077, description: "full".to_owned() };
        course.note(Answer::Refused { message: 1, error: full }, 1).expect_err("refused");
        course.note(Answer::Ended { count: Some(0), last: 0 }, 1).expect("an end");
        assert_eq!(progress(&course), (0, 0));
    }

    #[test]
    fn a_gap_a_refusal_and_an_end_say_how_many_are_stored() {
        let mut course = open(9, 4);
        let gap = course.note(Answer::Gap { missing: 8 }, 9);
        assert!(matches!(gap, Err(BrokerError::Unavailable(_))), "{gap:?}");
        assert_eq!(progress(&course), (4, 7));
        course.note(Answer::Ended { count: Some(7), last: 70 }, 9).expect("an end");
        assert_eq!(progress(&course), (7, 7));
    }

    #[test]
    fn that_a_load_is_over_says_nothing_of_its_messages() {
        let mut course = open(9, 4);
        let error = BrokerError::Refused { code: UNKNOWN, description: String::new() };
        course.note(Answer::Over { error }, 9).expect_err("over");
        assert_eq!(progress(&course), (4, 9));
    }

    #[test]
    fn an_end_that_does_not_say_how_many_is_the_word_on_the_first_message_alone() {
        let mut course = Course::new();
        course.progress.possible = 1;
        course.note(Answer::Ended { count: None, last: 70 }, 1).expect("an end");
        assert_eq!(progress(&course), (1, 1));
        let mut course = open(9, 4);
        course.note(Answer::Ended { count: None, last: 70 }, 9).expect("an end");
        assert_eq!(progress(&course), (4, 9));
    }
}
