//! The rules, each in a file of its own.

mod ack_wait;
mod aggregate_expires;
mod aggregate_key;
mod aggregate_subject;
mod aggregate_without_events;
mod breaker;
mod bucket_name;
mod claim_check;
mod claim_check_bucket;
mod compression;
mod concurrency;
mod conversion_place;
mod conversion_result;
mod core_subject;
mod dead_subscription;
mod defaults;
mod deprecated_use;
mod duplicate_window;
mod encrypted_address;
mod encryption;
mod event_overlap;
mod examples;
mod exposed_pii;
mod filter_overlap;
mod flow_unled;
mod flow_value;
mod handler_alert;
mod handler_timeout;
mod idle_partitions;
mod key_property;
mod lasting_payloads;
mod long_ack_wait;
mod long_duplicate_window;
mod long_subject;
mod missing_upcast;
mod no_example;
mod order_without_key;
mod orphan_event;
mod replicas;
mod reserved_attribute;
mod reserved_words;
mod retry_at_once;
mod retry_duplicates;
mod retry_horizon;
mod rust_names;
mod server_names;
mod short_duplicate_window;
mod short_retention;
mod stream_overlap;
mod subject_parameter;
mod subscriptions_overlap;
mod system_subject;
mod tiny_stream;
mod uncaptured_subject;
mod unconsumed_event;
mod unread_version;
mod unused_backoff;
mod unused_types;
mod volatile_dead_letters;

use super::Rule;

/// Every rule, by code.
pub(crate) const RULES: &[&Rule] = &[
    &rust_names::RULE,
    &reserved_words::RULE,
    &unused_types::RULE,
    &reserved_attribute::RULE,
    &stream_overlap::RULE,
    &uncaptured_subject::RULE,
    &server_names::RULE,
    &event_overlap::RULE,
    &replicas::RULE,
    &duplicate_window::RULE,
    &subject_parameter::RULE,
    &key_property::RULE,
    &exposed_pii::RULE,
    &short_duplicate_window::RULE,
    &system_subject::RULE,
    &long_subject::RULE,
    &bucket_name::RULE,
    &tiny_stream::RULE,
    &volatile_dead_letters::RULE,
    &long_duplicate_window::RULE,
    &idle_partitions::RULE,
    &encryption::RULE,
    &encrypted_address::RULE,
    &core_subject::RULE,
    &aggregate_subject::RULE,
    &aggregate_key::RULE,
    &aggregate_expires::RULE,
    &aggregate_without_events::RULE,
    &compression::RULE,
    &claim_check::RULE,
    &claim_check_bucket::RULE,
    &lasting_payloads::RULE,
    &ack_wait::RULE,
    &handler_timeout::RULE,
    &retry_horizon::RULE,
    &retry_duplicates::RULE,
    &concurrency::RULE,
    &orphan_event::RULE,
    &unconsumed_event::RULE,
    &dead_subscription::RULE,
    &deprecated_use::RULE,
    &filter_overlap::RULE,
    &order_without_key::RULE,
    &unused_backoff::RULE,
    &retry_at_once::RULE,
    &subscriptions_overlap::RULE,
    &long_ack_wait::RULE,
    &breaker::RULE,
    &unread_version::RULE,
    &short_retention::RULE,
    &handler_alert::RULE,
    &flow_unled::RULE,
    &flow_value::RULE,
    &no_example::RULE,
    &examples::RULE,
    &defaults::RULE,
    &conversion_place::RULE,
    &conversion_result::RULE,
    &missing_upcast::RULE,
];
