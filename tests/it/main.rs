//! One binary for all integration tests, because linking is what they would wait for.

mod arbitrary;
mod browser;
mod code_first;
mod codec;
mod conformance;
mod corpora;
mod databases;
mod embedded;
mod examples;
mod fixture;
mod generated;
mod golden;
mod house;
mod inbox;
mod operations;
mod outbox;
mod reading;
mod redaction;
mod seeds;
mod server;
mod spawnable;
mod together;
mod validation;
