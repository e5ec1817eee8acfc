//! The shop's catalog before the rollout.

include!(concat!(env!("OUT_DIR"), "/event_catalog.rs"));
