#![deny(warnings)]
#![allow(deprecated)]

use event_catalog::auth::{v1, v2};
use tidings::{Upcast as _, UpcastError};

fn newest(old: v1::UserCreated) -> Result<v2::UserCreated, UpcastError> {
    v2::UserCreated::upcast(old)
}

pub fn main() {
    let _ = newest;
}
