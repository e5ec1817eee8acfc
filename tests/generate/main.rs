//! Writes the repository's generated files; with `--check` it only says which of them are stale. `cargo xtask generate`
//! runs it, and a test of `it` checks the same.

use std::process::ExitCode;

use tidings_tests::generated;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => write(),
        ["--check"] => check(),
        [other, ..] => Err(format!("`generate` takes `--check`, found `{other}`")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn write() -> Result<(), String> {
    for file in generated::files()? {
        if file.write()? {
            eprintln!("{} is written anew", file.path().display());
        }
    }
    Ok(())
}

fn check() -> Result<(), String> {
    let mut stale = Vec::new();
    for file in generated::files()? {
        stale.extend(file.stale()?);
    }
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!("run `cargo xtask generate`\n\n{}", stale.join("\n")))
}
