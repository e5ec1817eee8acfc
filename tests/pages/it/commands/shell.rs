//! Just as much of a shell as the pages use.

use crate::markdown::Block;

/// A command of a page.
#[derive(Debug)]
pub(crate) struct Command {
    /// Where it stands.
    pub(crate) place: String,
    /// The program and its arguments, without quotes.
    pub(crate) words: Vec<String>,
    /// What the page shows below it.
    pub(crate) output: String,
}

/// The commands of a block, those behind `&&` apart.
pub(crate) fn commands(block: &Block) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (index, line) in block.text.lines().enumerate() {
        let number = block.line + 1 + index;
        let text = match (&mut open, line.strip_prefix("$ ")) {
            (Some((_, text)), _) => {
                text.push_str(line);
                text
            }
            (None, Some(command)) => &mut open.insert((number, command.to_owned())).1,
            (None, None) => {
                let last = commands.last_mut();
                let last = last.unwrap_or_else(|| panic!("{}:{number}: no command", block.page));
                last.output.push_str(line);
                last.output.push('\n');
                continue;
            }
        };
        if text.ends_with('\\') {
            text.pop();
            continue;
        }
        if let Some((number, text)) = open.take() {
            let place = format!("{}:{number}", block.page);
            for words in split(&text).split(|word| word == "&&") {
                let words = without_surroundings(words);
                commands.push(Command { place: place.clone(), words, output: String::new() });
            }
        }
    }
    commands
}

/// The words of a line, up to its comment.
fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match (c, quote) {
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, Some(q)) if c == q => quote = None,
            (' ', None) => words.extend(word.take()),
            ('#', None) if word.is_none() => break,
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// Without variables before the program, and a `&` behind the last word.
fn without_surroundings(words: &[String]) -> Vec<String> {
    let is_variable = |word: &&String| {
        let name = word.split('=').next().unwrap_or_default();
        word.contains('=') && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    };
    words.iter().skip_while(is_variable).filter(|word| *word != "&").cloned().collect()
}
