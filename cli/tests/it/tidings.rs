//! Runs the command in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A catalog without a mistake.
pub(crate) const SHOP: [(&str, &str); 4] = [
    ("event-catalog/catalog.yaml", "catalog: shop\n"),
    ("event-catalog/orders/domain.yaml", "domain: orders\nowner: team-orders\n"),
    (
        "event-catalog/orders/order-created.yaml",
        "event: orders.order.created
summary: A customer's order was accepted.
key: order_id
versions:
  1.0:
    payload:
      type: object
      required: [order_id]
      properties:
        order_id: { type: string, format: uuid, description: The order. }
    examples:
      - order_id: 019cadd3-8782-7db2-b428-1a2d94af3083
",
    ),
    (
        "event-catalog/services/sales.yaml",
        "service: sales
owner: team-orders
publishes: [orders.order.created]
subscriptions:
  copies:
    events: [orders.order.created]
",
    ),
];

/// A folder with files, in which the command is run.
pub(crate) struct Project {
    folder: TempDir,
}

impl Project {
    /// Without files.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// With the files of [`SHOP`].
    pub(crate) fn shop() -> Self {
        let project = Self::empty();
        for (path, text) in SHOP {
            project.write(path, text);
        }
        project
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a writable folder");
        fs::write(path, text).expect("a writable file");
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The names of all files, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![self.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a readable folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let below = path.strip_prefix(self.path()).expect("a path in the project");
                    found.push(below.to_string_lossy().replace('\\', "/"));
                }
            }
        }
        found.sort();
        found
    }

    /// The command, to be run in the project's folder.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        self.command_in("", args)
    }

    /// The command, to be run in a folder of the project.
    pub(crate) fn command_in(&self, folder: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
        command.args(args).current_dir(self.path().join(folder));
        // What the environment of the tests says is not what is tested.
        for name in [
            "TIDINGS_CATALOG",
            "TIDINGS_ENV",
            "GITHUB_WORKSPACE",
            "NO_COLOR",
            "CLICOLOR",
            "CLICOLOR_FORCE",
        ] {
            command.env_remove(name);
        }
        let nats =
            std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("NATS_"));
        for (name, _) in nats {
            command.env_remove(name);
        }
        command.env("XDG_CONFIG_HOME", self.path().join("config"));
        command
    }

    /// Runs `tidings` with these arguments.
    pub(crate) fn tidings(&self, args: &[&str]) -> Ended {
        Ended::of(self.command(args))
    }
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn of(mut command: Command) -> Self {
        let Output { status, stdout, stderr } = command.output().expect("a program that runs");
        Self {
            code: status.code().expect("an exit code"),
            stdout: String::from_utf8(stdout).expect("UTF-8"),
            stderr: String::from_utf8(stderr).expect("UTF-8"),
        }
    }

    /// The output of a run that ended with `code` and wrote nothing to stderr.
    #[track_caller]
    pub(crate) fn stdout(self, code: i32) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (code, ""), "{}", self.stdout);
        self.stdout
    }

    /// The errors of a run that could not be done and wrote nothing to stdout.
    #[track_caller]
    pub(crate) fn failure(self) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (2, ""), "{}", self.stderr);
        self.stderr
    }
}

/// The root of the workspace.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("cli/ is in the workspace").to_owned()
}
