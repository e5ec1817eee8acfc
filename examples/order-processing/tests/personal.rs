//! What the program writes of people, which is nothing.

#[path = "../../personal.rs"]
mod personal;

use std::process::Command;

#[test]
fn nothing_that_is_written_tells_of_people() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_order-processing"));
    let said = ["delivered", "published", "dead letter", "not handled; trying again"];
    personal::nothing_tells_of_people(&mut program, &[], &said);
}
