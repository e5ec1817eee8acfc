//! Suites live beside this file: `it` and `ui`.
