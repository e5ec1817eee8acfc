//! What the program writes of people, which is nothing.

#[path = "../../personal.rs"]
mod personal;

use std::process::Command;

#[test]
fn nothing_that_is_written_tells_of_people() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_user-profile"));
    let others = ["joan@example.com", "Joan Example", "Bakes bread and writes kernels"];
    let said = ["published", "dead letter", "not handled; trying again", "DEBUG"];
    personal::nothing_tells_of_people(&mut program, &others, &said);
}
