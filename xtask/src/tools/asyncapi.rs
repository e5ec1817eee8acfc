//! AsyncAPI's own parser, and its example documents, from npm: what is exported and imported is tried with them.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::folder;
use super::npm::{self, npm, told};
use crate::Outcome;
use crate::command::run;

/// A package that carries AsyncAPI's example documents.
struct Examples {
    /// The version of AsyncAPI that most of them are of.
    asyncapi: &'static str,
    /// The version of `@asyncapi/cli` that has them.
    package: &'static str,
    /// What npm calls its integrity.
    sha512: &'static str,
}

const EXAMPLES: [Examples; 2] = [
    Examples {
        asyncapi: "2.6",
        package: "0.59.1",
        sha512: "IaBeWnxN9uUrN7bEyUfI97AUKjxJFQ0pJr7gFUhQenHLi3GlKVZhRJNy2gM8of6T9OF1C5gtPOqh2Nx2S7hP7A==",
    },
    Examples {
        asyncapi: "3.1",
        package: "6.2.0",
        sha512: "uAHKi86tXC/mMDzPCtUHZ27sf/TnZCt9CkzmCkdTnQGOrSkR5pCi8yTgJdhX94yexroJ5WOjnpdvBAeowmqjig==",
    },
];

/// Prints the integrity of the file that is named.
const INTEGRITY: &str = "const { readFileSync } = require('fs'); \
     process.stdout.write(require('crypto').createHash('sha512').update(readFileSync(process.argv[1])).digest('base64'))";

/// Makes the parser available in `asyncapi/node_modules`, the documents in `asyncapi-examples/<version>`.
pub(crate) fn fetch() -> Outcome {
    let fetched =
        npm::install("asyncapi").and_then(|()| EXAMPLES.iter().try_for_each(fetch_examples));
    fetched.map_err(|error| {
        format!(
            "{error}\nAsyncAPI's parser and examples come through npm: install Node.js 18 or newer"
        )
    })
}

fn fetch_examples(examples: &Examples) -> Outcome {
    let home = folder().join("asyncapi-examples").join(examples.asyncapi);
    if home.exists() {
        return Ok(());
    }
    let scratch =
        folder().join(format!(".asyncapi-examples-{}-{}", examples.asyncapi, std::process::id()));
    let result = download(examples, &scratch, &home);
    // Absent when the download went well; when it did not, that is the error to tell.
    let _ = fs::remove_dir_all(&scratch);
    result
}

fn download(examples: &Examples, scratch: &Path, home: &Path) -> Outcome {
    fs::create_dir_all(scratch).map_err(told(scratch))?;
    let package = format!("@asyncapi/cli@{}", examples.package);
    let mut pack = npm();
    pack.args(["pack", "--silent", &package]).current_dir(scratch);
    run(pack)?;

    let archive = scratch.join(format!("asyncapi-cli-{}.tgz", examples.package));
    let hash = Command::new("node").args(["-e", INTEGRITY]).arg(&archive).output();
    let hash = hash.map_err(|error| format!("cannot run `node`: {error}"))?;
    if hash.stdout != examples.sha512.as_bytes() {
        return Err(format!("`{package}` is not the package that it was"));
    }
    let mut unpack = Command::new("tar");
    unpack.arg("-xzf").arg(&archive).arg("-C").arg(scratch);
    run(unpack)?;

    let documents = scratch.join("package/assets/examples");
    fs::create_dir_all(home.parent().unwrap_or(home)).map_err(told(home))?;
    match fs::rename(&documents, home) {
        // Another run was quicker.
        Err(_) if home.exists() => Ok(()),
        moved => moved.map_err(told(home)),
    }
}
