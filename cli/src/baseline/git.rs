//! Files of a catalog as git has them.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;

/// The YAML files of a folder at a git reference, by their paths in it. The lock is left out: what was committed is
/// compared, not what was released then.
pub(super) fn files(folder: &Path, reference: &str) -> Result<Vec<(PathBuf, Vec<u8>)>, Failure> {
    let commit = commit(folder, reference)?;
    let listed = run(folder, &["ls-tree", "-r", "-z", &commit], None)?;
    let entries = String::from_utf8_lossy(&listed).into_owned();
    let entries: Vec<(&str, &str)> = entries.split('\0').filter_map(entry).collect();
    if entries.is_empty() {
        let message = format!("there is no event catalog in this folder at `{reference}`");
        return Err(Failure::new(message).help("it may have been in another folder then"));
    }
    let ids: String = entries.iter().map(|(id, _)| format!("{id}\n")).collect();
    let texts = blobs(&run(folder, &["cat-file", "--batch"], Some(&ids))?);
    Ok(entries.into_iter().map(|(_, path)| PathBuf::from(path)).zip(texts).collect())
}

/// What a reference names, if this is a repository.
fn commit(folder: &Path, reference: &str) -> Result<String, Failure> {
    let named = format!("{reference}^{{commit}}");
    let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", &named];
    match run(folder, &arguments, None) {
        Ok(commit) => Ok(String::from_utf8_lossy(&commit).trim().to_owned()),
        Err(_) => {
            run(folder, &["rev-parse", "--is-inside-work-tree"], None).map_err(|_| {
                Failure::new(format!("`{reference}` is neither a file nor a folder")).help(
                    "a git reference can be named too, but the catalog is in no git repository",
                )
            })?;
            let message =
                format!("`{reference}` is neither a file, nor a folder, nor a git reference");
            Err(Failure::new(message)
                .help("name a lock, a catalog's folder, a branch, a tag or a commit"))
        }
    }
}

/// `100644 blob <id>\t<path>`: the id and the path of a file that belongs to a catalog.
fn entry(line: &str) -> Option<(&str, &str)> {
    let (about, path) = line.split_once('\t')?;
    let mut about = about.split(' ');
    // Links and submodules have other modes.
    let is_file = about.next()?.starts_with("100");
    let id = about.nth(1)?;
    let is_yaml = path.ends_with(".yaml") || path.ends_with(".yml");
    let is_hidden = path.split('/').any(|part| part.starts_with('.'));
    (is_file && is_yaml && !is_hidden).then_some((id, path))
}

/// The contents in `<id> blob <length>\n<content>\n`, one after the other.
fn blobs(mut output: &[u8]) -> Vec<Vec<u8>> {
    let mut blobs = Vec::new();
    while let Some(end) = output.iter().position(|byte| *byte == b'\n') {
        let head = String::from_utf8_lossy(&output[..end]);
        let length = head.rsplit(' ').next().and_then(|length| length.parse::<usize>().ok());
        let rest = &output[end + 1..];
        let length = length.unwrap_or(0).min(rest.len());
        blobs.push(rest[..length].to_vec());
        output = rest.get(length + 1..).unwrap_or_default();
    }
    blobs
}

fn run(folder: &Path, arguments: &[&str], input: Option<&str>) -> Result<Vec<u8>, Failure> {
    let cannot = |error: std::io::Error| {
        Failure::new(format!("`git` cannot be run: {error}"))
            .help("a git reference needs the `git` command; a lock or a folder does not")
    };
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).args(arguments);
    git.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = git.spawn().map_err(cannot)?;
    let stdin = child.stdin.take();
    // Git answers while it is asked, so a full pipe must not hold up both.
    let output = std::thread::scope(|scope| {
        scope.spawn(move || {
            if let (Some(mut stdin), Some(input)) = (stdin, input) {
                // A git that has gone away says why by its exit code.
                let _ = stdin.write_all(input.as_bytes());
            }
        });
        child.wait_with_output()
    });
    let output = output.map_err(cannot)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!("`git {}` failed: {}", arguments.join(" "), said.trim())))
}
