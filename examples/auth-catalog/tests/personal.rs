//! What the program writes of people, which is nothing.

#[path = "../../personal.rs"]
mod personal;

use std::process::Command;

#[test]
fn nothing_that_is_written_tells_of_people() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_auth-catalog"));
    let others = [
        "ada@acme.example",
        "grace@acme.example",
        "hank@globex.example",
        "Scorpio",
        "Hopper",
        "mina.petersen@supplier.example",
        "correct horse battery staple",
        "203.0.113.24",
    ];
    personal::nothing_tells_of_people(&mut program, &others, &["TRACE", "DEBUG", "delivered"]);
}
