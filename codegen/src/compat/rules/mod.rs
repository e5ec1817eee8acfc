//! The rules, each in a file of its own.

pub(in crate::compat) mod alternative_added;
pub(in crate::compat) mod alternative_removed;
pub(in crate::compat) mod bound_loosened;
pub(in crate::compat) mod bound_tightened;
pub(in crate::compat) mod catalog_renamed;
pub(in crate::compat) mod closed_property_added;
pub(in crate::compat) mod closed_property_removed;
pub(in crate::compat) mod condition_added;
pub(in crate::compat) mod condition_changed;
pub(in crate::compat) mod condition_lifted;
pub(in crate::compat) mod dead_letters_moved;
pub(in crate::compat) mod default_changed;
pub(in crate::compat) mod definition_gone;
pub(in crate::compat) mod duplicate_window_shortened;
pub(in crate::compat) mod durable_changed;
pub(in crate::compat) mod encryption_added;
pub(in crate::compat) mod encryption_dropped;
pub(in crate::compat) mod event_removed;
pub(in crate::compat) mod field_type_changed;
pub(in crate::compat) mod format_changed;
pub(in crate::compat) mod format_lifted;
pub(in crate::compat) mod format_required;
pub(in crate::compat) mod key_changed;
pub(in crate::compat) mod method_renamed;
pub(in crate::compat) mod moved_among_copies;
pub(in crate::compat) mod negative_allowed;
pub(in crate::compat) mod null_allowed;
pub(in crate::compat) mod null_forbidden;
pub(in crate::compat) mod optional_property_removed;
pub(in crate::compat) mod ordering_dropped;
pub(in crate::compat) mod parameter_renamed;
pub(in crate::compat) mod partitions_changed;
pub(in crate::compat) mod pattern_lifted;
pub(in crate::compat) mod pattern_tightened;
pub(in crate::compat) mod payloads_changed;
pub(in crate::compat) mod personal_unmarked;
pub(in crate::compat) mod property_made_optional;
pub(in crate::compat) mod property_made_required;
pub(in crate::compat) mod publication_removed;
pub(in crate::compat) mod required_property_added;
pub(in crate::compat) mod required_property_removed;
pub(in crate::compat) mod retention_tightened;
pub(in crate::compat) mod start_changed;
pub(in crate::compat) mod storage_changed;
pub(in crate::compat) mod stream_moved;
pub(in crate::compat) mod stream_narrowed;
pub(in crate::compat) mod subject_changed;
pub(in crate::compat) mod subscription_narrowed;
pub(in crate::compat) mod subscription_removed;
pub(in crate::compat) mod tenancy_changed;
pub(in crate::compat) mod too_complex;
pub(in crate::compat) mod type_changed;
pub(in crate::compat) mod type_narrowed;
pub(in crate::compat) mod type_renamed;
pub(in crate::compat) mod type_widened;
pub(in crate::compat) mod unique_lifted;
pub(in crate::compat) mod unique_required;
pub(in crate::compat) mod unnamed_allowed;
pub(in crate::compat) mod unnamed_conflict;
pub(in crate::compat) mod unnamed_forbidden;
pub(in crate::compat) mod value_added;
pub(in crate::compat) mod value_removed;
pub(in crate::compat) mod values_freed;
pub(in crate::compat) mod values_limited;
pub(in crate::compat) mod version_removed;

use super::rule::Rule;

/// Every rule, by code.
pub static RULES: &[&Rule] = &[
    &required_property_removed::RULE,
    &optional_property_removed::RULE,
    &required_property_added::RULE,
    &property_made_required::RULE,
    &property_made_optional::RULE,
    &type_changed::RULE,
    &type_narrowed::RULE,
    &type_widened::RULE,
    &null_forbidden::RULE,
    &null_allowed::RULE,
    &value_removed::RULE,
    &value_added::RULE,
    &values_limited::RULE,
    &values_freed::RULE,
    &format_changed::RULE,
    &format_required::RULE,
    &format_lifted::RULE,
    &pattern_tightened::RULE,
    &pattern_lifted::RULE,
    &bound_tightened::RULE,
    &bound_loosened::RULE,
    &negative_allowed::RULE,
    &unique_required::RULE,
    &unique_lifted::RULE,
    &alternative_removed::RULE,
    &alternative_added::RULE,
    &unnamed_forbidden::RULE,
    &unnamed_allowed::RULE,
    &unnamed_conflict::RULE,
    &closed_property_added::RULE,
    &closed_property_removed::RULE,
    &condition_added::RULE,
    &condition_lifted::RULE,
    &condition_changed::RULE,
    &default_changed::RULE,
    &personal_unmarked::RULE,
    &too_complex::RULE,
    &field_type_changed::RULE,
    &type_renamed::RULE,
    &definition_gone::RULE,
    &method_renamed::RULE,
    &event_removed::RULE,
    &version_removed::RULE,
    &subject_changed::RULE,
    &parameter_renamed::RULE,
    &stream_moved::RULE,
    &stream_narrowed::RULE,
    &retention_tightened::RULE,
    &storage_changed::RULE,
    &duplicate_window_shortened::RULE,
    &key_changed::RULE,
    &durable_changed::RULE,
    &subscription_removed::RULE,
    &start_changed::RULE,
    &tenancy_changed::RULE,
    &dead_letters_moved::RULE,
    &subscription_narrowed::RULE,
    &publication_removed::RULE,
    &ordering_dropped::RULE,
    &catalog_renamed::RULE,
    &moved_among_copies::RULE,
    &partitions_changed::RULE,
    &encryption_dropped::RULE,
    &encryption_added::RULE,
    &payloads_changed::RULE,
];
