//! What the client library and the server do to a runtime that takes them at their word, and the test of ours that fails
//! without its remedy.
//!
//! | what they do | what shows that it does no harm |
//! |---|---|
//! | a stored header that is malformed kills the client library, or costs the connection at each delivery | [`super::poison`], `consuming::a_poison_that_cannot_be_buried_yet_is_not_counted_twice` |
//! | a double acknowledgement succeeds where the consumer is gone | `consuming::an_acknowledgement_that_nobody_took_is_not_confirmed` |
//! | a fetch whose request was lost waits for ever | `cluster::a_request_that_died_with_its_leader_is_made_again`, `super::faults::a_subscriber_goes_on_after_a_restart` |
//! | an ordered consumer that starts with new messages reads all of history after a restart | `consuming::a_subscription_to_what_is_new_reads_no_history_after_a_restart` |
//! | the same command, sent again, is a conflict on one server and a duplicate on the other | `publishing::the_same_command_sent_again_is_the_same_event`, `cluster::…` |
//! | a stream whose leader has died is reported as missing | `cluster::publishers_do_not_notice_that_a_leader_died` |
//! | a publish under way ends in a timeout when the connection is lost | `super::faults::nothing_acknowledged_is_lost_when_the_server_is_killed` |
//! | a denied permission is a timeout | `super::security::a_denied_publish_says_so_at_once`, `…_subscription_…` |
//! | a request without a connection outlasts its timeout | `connection::what_is_asked_without_a_connection_ends` |
//! | a flush succeeds against a server that is frozen | `consuming::an_acknowledgement_to_a_frozen_server_is_not_confirmed` |
//! | a client that was dropped goes on looking for its server | `connection::a_connection_that_nobody_needs_is_not_looked_for`, `…_was_closed_…` |
//! | a client whose credentials were revoked tries them for ever | `connection::revoked_credentials_end_a_subscriber` |
//! | credentials in an address are ignored | `super::security::a_user_logs_on_with_a_password` |
//! | a publish to a wildcard is stored | `crate::conformance::publish::a_subject_takes_no_wildcard`, `…::an_organization_is_required` |
//! | a pull can name a stream's subject for its answer, and has the message stored once more | `publishing::an_event_that_a_foreign_pull_stored_once_more_is_handled_once` |

mod cluster;
mod connection;
mod consuming;
mod publishing;
