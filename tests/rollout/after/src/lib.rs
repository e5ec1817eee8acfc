//! The shop's catalog after the rollout.

include!(concat!(env!("OUT_DIR"), "/event_catalog.rs"));
