//! What the program writes of people, which is nothing.

#[path = "../../personal.rs"]
mod personal;

use std::process::Command;

#[test]
fn nothing_that_is_written_tells_of_people() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_execution-ddmrp"));
    program.args(["--orders", "12"]);
    let others = [
        "Mina",
        "Petersen",
        "mina.petersen@supplier.example",
        "Pension Abendrot",
        "Uferpromenade 44",
    ];
    let said = ["TRACE", "DEBUG", "delivered", "replenishment"];
    personal::nothing_tells_of_people(&mut program, &others, &said);
}
