//! Random changes of catalogs, as people, editors and merges make them.

use std::fs;
use std::path::Path;

use fastrand::Rng;

use crate::judge::Files;

/// What is put where nobody expects it.
const TOKENS: &[&str] = &[
    "",
    "~",
    "null",
    "[]",
    "{}",
    "[",
    "]",
    "{",
    "}",
    "*a",
    "&a ",
    "!!str ",
    "|",
    ">",
    ">-",
    "\"",
    "'",
    "''",
    ": ",
    ":",
    "- ",
    "-",
    "? ",
    "#",
    " #",
    ",",
    "%",
    "@",
    "`",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\u{a0}",
    "\u{feff}",
    "\u{0}",
    "\u{1b}",
    "\u{85}",
    "\u{2028}",
    "é",
    "größe",
    "🦀",
    "0",
    "-1",
    "1.10",
    "1e999",
    "18446744073709551616",
    "9999999999999d",
    ".inf",
    "0x1F",
    "true",
    "True",
    "off",
    "<<",
    "---\n",
    "...\n",
    "<<<<<<< HEAD\n",
    "..",
    "../..",
    "$ref",
    "#/$defs/x",
    "type",
    "self",
    "Self",
    "crate",
    "r#type",
    "x-pii",
    "\\",
    "\\u0000",
    "{{",
    "orders.>",
    "*",
    ">",
    "$JS",
    "_INBOX",
    "a.b",
    "1GiB",
    "7d",
    "__proto__",
    "2026-02-30",
];

/// Every catalog that the tests know.
pub(crate) fn catalogs() -> Vec<Files> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut roots = vec![tests.join("mutations/catalog")];
    roots.extend(folders(&tests.join("diagnostics")));
    roots.extend(folders(&tests.join("golden")).into_iter().map(|case| case.join("catalog")));
    let mut catalogs: Vec<Files> = roots
        .iter()
        .map(|root| {
            let mut files = Files::new();
            collect(root, root, &mut files);
            for (path, text) in
                [("catalog.yaml", "catalog: shop\n"), ("orders/domain.yaml", "domain: orders\n")]
            {
                if !files.iter().any(|(other, _)| other == path) {
                    files.push((path.to_owned(), text.into()));
                }
            }
            files.sort();
            files
        })
        .collect();
    // The first has every kind of file, with every feature of each, and is changed as often as all others together.
    let first = catalogs[0].clone();
    catalogs.extend(std::iter::repeat_n(first, roots.len() / 2));
    catalogs
}

fn folders(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of tests");
    let mut folders: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    folders.sort();
    folders
}

fn collect(root: &Path, folder: &Path, files: &mut Files) {
    for path in folders(folder) {
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            let relative = path.strip_prefix(root).expect("a path below the root");
            let content = fs::read(&path).expect("a file");
            files.push((relative.to_string_lossy().into_owned(), content));
        }
    }
}

/// One of the catalogs after a few changes, the same for the same seed.
pub(crate) fn mutated(catalogs: &[Files], seed: u64) -> Files {
    let mut rng = Rng::with_seed(seed);
    let mut files = catalogs[rng.usize(..catalogs.len())].clone();
    for _ in 0..rng.usize(1..=4) {
        let at = rng.usize(..files.len());
        if rng.u8(..16) == 0 {
            change_files(&mut files, at, &mut rng);
            continue;
        }
        let text = String::from_utf8_lossy(&files[at].1).into_owned();
        files[at].1 = if rng.u8(..12) == 0 {
            change_bytes(text.into_bytes(), &mut rng)
        } else {
            let other = &catalogs[rng.usize(..catalogs.len())];
            let (_, other) = &other[rng.usize(..other.len())];
            change_lines(&text, &String::from_utf8_lossy(other), &mut rng).into_bytes()
        };
    }
    files
}

/// Files come, go and move.
fn change_files(files: &mut Files, at: usize, rng: &mut Rng) {
    match rng.u8(..4) {
        0 if files.len() > 1 => drop(files.remove(at)),
        1 => {
            let content = files[at].1.clone();
            files.push(("copy.yaml".to_owned(), content));
        }
        2 => files[at].0 = format!("types/{}", files[at].0),
        _ => {
            let other = rng.usize(..files.len());
            let content = files[other].1.clone();
            files[at].1 = content;
        }
    }
}

fn change_bytes(mut bytes: Vec<u8>, rng: &mut Rng) -> Vec<u8> {
    let at = rng.usize(..=bytes.len());
    match rng.u8(..3) {
        0 => bytes.truncate(at),
        1 => {
            let some: Vec<u8> = (0..rng.usize(1..8)).map(|_| rng.u8(..)).collect();
            bytes.splice(at..at, some);
        }
        _ => {
            let end = rng.usize(at..=bytes.len());
            bytes.drain(at..end);
        }
    }
    bytes
}

/// A line with the deeper lines below it.
fn block(lines: &[String], at: usize) -> std::ops::Range<usize> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let outer = indent(&lines[at]);
    let end = lines[at + 1..].iter().position(|line| indent(line) <= outer);
    at..end.map_or(lines.len(), |length| at + 1 + length)
}

fn change_lines(text: &str, other: &str, rng: &mut Rng) -> String {
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let (at, to) = (rng.usize(..lines.len()), rng.usize(..lines.len()));
    match rng.u8(..12) {
        0 => drop(lines.drain(block(&lines, at))),
        1 => {
            let copy = lines[block(&lines, at)].to_vec();
            lines.splice(to..to, copy);
        }
        2 => lines.swap(at, to),
        3 => drop(lines.remove(at)),
        4 => lines[at] = format!("{}{}", " ".repeat(rng.usize(..4)), lines[at]),
        5 => lines[at] = lines[at].trim_start_matches(' ').to_owned(),
        6 => swap_values(&mut lines, at, to),
        7 => {
            let others: Vec<String> = other.split('\n').map(str::to_owned).collect();
            let range = block(&others, rng.usize(..others.len()));
            lines.splice(at..at, others[range].to_vec());
        }
        8 => {
            let others: Vec<&str> = other.split('\n').collect();
            lines[at] = others[rng.usize(..others.len())].to_owned();
        }
        _ => {
            let token = TOKENS[rng.usize(..TOKENS.len())];
            lines[at] = put(&lines[at], token, rng);
        }
    }
    lines.join("\n")
}

/// What stands behind the colons of two lines changes places.
fn swap_values(lines: &mut [String], a: usize, b: usize) {
    let split =
        |line: &str| line.split_once(": ").map(|(key, value)| (key.to_owned(), value.to_owned()));
    if let (Some((key_a, value_a)), Some((key_b, value_b))) = (split(&lines[a]), split(&lines[b])) {
        lines[a] = format!("{key_a}: {value_b}");
        lines[b] = format!("{key_b}: {value_a}");
    }
}

/// A token in the place of a word of a line, or between two of them.
fn put(line: &str, token: &str, rng: &mut Rng) -> String {
    let edges: Vec<usize> = line
        .char_indices()
        .filter(|(_, c)| !c.is_alphanumeric())
        .flat_map(|(at, c)| [at, at + c.len_utf8()])
        .chain([0, line.len()])
        .collect();
    let (a, b) = (edges[rng.usize(..edges.len())], edges[rng.usize(..edges.len())]);
    let next = edges.iter().copied().filter(|edge| *edge > a).min().unwrap_or(a);
    let end = if rng.bool() { next } else { a.max(b.min(a)) };
    format!("{}{token}{}", &line[..a], &line[end..])
}
