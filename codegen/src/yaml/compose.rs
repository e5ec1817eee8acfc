use std::collections::{BTreeMap, BTreeSet};

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput, Tag};

use super::braces;
use super::explain::explain;
use super::{Key, Kind, Node};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// Deeper than any catalog, and shallow enough for the stack.
const MAX_DEPTH: usize = 64;
/// Nodes that a file may have once its aliases are expanded: more than people write, and few enough for whatever looks at
/// each of them in the light of all others.
const MAX_NODES: usize = 30_000;

/// Composes the one document of a file.
///
/// A mistake in the YAML ends the document there: what came before it is returned, so that the names in it are known.
pub fn compose(file: FileId, text: &str, found: &mut Vec<Diagnostic>) -> Composed {
    let offsets = Offsets::new(text);
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut composer = Composer {
        file,
        text,
        offsets,
        parser: Parser::new_from_str(body),
        anchors: BTreeMap::new(),
        unused: BTreeMap::new(),
        nodes: 0,
        found,
        stopped: false,
    };
    let root = composer.document();
    Composed { root, whole: !composer.stopped }
}

/// A file as a tree.
#[derive(Debug)]
pub struct Composed {
    /// Nothing where the file holds nothing.
    pub root: Option<Node>,
    /// Whether the file was read to its end.
    pub whole: bool,
}

/// Byte offsets of the parser's character indices.
struct Offsets {
    /// Bytes before the first character that the parser sees.
    skipped: usize,
    /// Empty for ASCII, where they are the same.
    bytes: Vec<u32>,
    length: usize,
}

impl Offsets {
    fn new(text: &str) -> Self {
        let body = text.strip_prefix('\u{feff}').unwrap_or(text);
        let bytes = if body.is_ascii() {
            Vec::new()
        } else {
            body.char_indices().filter_map(|(at, _)| u32::try_from(at).ok()).collect()
        };
        Self { skipped: text.len() - body.len(), bytes, length: text.len() }
    }

    fn byte(&self, index: usize) -> usize {
        let at = if self.bytes.is_empty() {
            index
        } else {
            self.bytes.get(index).map_or(self.length, |&at| at as usize)
        };
        (at + self.skipped).min(self.length)
    }
}

/// The entries of a mapping, and where their keys are.
#[derive(Default)]
struct Entries {
    list: Vec<(Key, Node)>,
    places: BTreeMap<String, Span>,
}

struct Composer<'a, 'd> {
    file: FileId,
    text: &'a str,
    offsets: Offsets,
    parser: Parser<'a, StrInput<'a>>,
    /// By the parser's id, with the number of nodes; absent while the anchor's own node is being composed.
    anchors: BTreeMap<usize, (Node, usize)>,
    /// By the parser's id, the places of anchors that no alias has named yet.
    unused: BTreeMap<usize, Span>,
    nodes: usize,
    found: &'d mut Vec<Diagnostic>,
    stopped: bool,
}

impl<'a> Composer<'a, '_> {
    fn document(&mut self) -> Option<Node> {
        let mut root = None;
        while let Some((event, span)) = self.next() {
            match event {
                Event::DocumentStart(_) if root.is_some() => {
                    self.found.push(
                        codes::SEVERAL_DOCUMENTS
                            .at(span, "a second document begins here")
                            .help("write a file for each catalog entry"),
                    );
                    break;
                }
                Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd => {}
                Event::StreamEnd => break,
                event => root = self.node(event, span, 0),
            }
        }
        if !self.stopped {
            self.unused_anchors();
        }
        root.filter(|node: &Node| !node.text().is_some_and(str::is_empty))
    }

    /// The next event, unless the document ended or went wrong.
    fn next(&mut self) -> Option<(Event<'a>, Span)> {
        if self.stopped {
            return None;
        }
        match self.parser.next_event()? {
            Ok((event, span)) => {
                let span = self.span(span.start.index(), span.end.index());
                Some((event, span))
            }
            Err(error) => {
                let at = self.offsets.byte(error.marker().index());
                let finding = explain(error.info(), self.file, self.text, at);
                self.report(finding);
                None
            }
        }
    }

    /// Reports what the document cannot be read beyond, which explains what else is odd in its line.
    fn report(&mut self, finding: Diagnostic) {
        let span = finding.span();
        let line = self.text[..span.start as usize].rfind('\n').map_or(0, |end| end + 1);
        self.found
            .retain(|other| other.span().file != span.file || (other.span().start as usize) < line);
        self.found.push(finding);
        self.stopped = true;
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Option<Node> {
        self.nodes += 1;
        if depth > MAX_DEPTH {
            self.report(
                codes::TOO_LARGE.at(span, format!("nested more than {MAX_DEPTH} levels deep")),
            );
            return None;
        }
        if self.nodes > MAX_NODES {
            let message = format!("this file has more than {MAX_NODES} values");
            self.report(codes::TOO_LARGE.at(span, message));
            return None;
        }
        let (anchor, before) = (anchor(&event), self.nodes);
        let node = match event {
            Event::Scalar(text, style, _, tag) => {
                self.tag(tag.as_deref(), span);
                let plain = style == ScalarStyle::Plain;
                Node { span, kind: Kind::Scalar { text: text.into_owned(), plain } }
            }
            Event::SequenceStart(_, tag) => {
                self.tag(tag.as_deref(), span);
                self.sequence(span, depth)
            }
            Event::MappingStart(_, tag) => {
                self.tag(tag.as_deref(), span);
                self.mapping(span, depth)
            }
            Event::Alias(id) => return self.alias(id, span),
            _ => return None,
        };
        if anchor > 0 {
            self.unused.insert(anchor, self.anchor_before(node.span));
            self.anchors.insert(anchor, (node.clone(), self.nodes - before + 1));
        }
        Some(node)
    }

    fn sequence(&mut self, start: Span, depth: usize) -> Node {
        let mut items = Vec::new();
        let mut end = start;
        while let Some((event, span)) = self.next() {
            if event == Event::SequenceEnd {
                end = self.closing(end, span);
                break;
            }
            let Some(item) = self.node(event, span, depth + 1) else { break };
            end = item.span;
            items.push(item);
        }
        Node { span: join(start, end), kind: Kind::Sequence(items) }
    }

    fn mapping(&mut self, start: Span, depth: usize) -> Node {
        let mut entries = Entries::default();
        let mut end = start;
        let braces = self.text[start.start as usize..].starts_with('{');
        let mut cut = BTreeSet::new();
        while let Some((event, span)) = self.next() {
            if event == Event::MappingEnd {
                end = self.closing(end, span);
                break;
            }
            let Some(key) = self.node(event, span, depth + 1) else { break };
            let value = match self.next() {
                Some((event, span)) => self.node(event, span, depth + 1),
                None => None,
            };
            // A key whose value went wrong still says that it is there.
            let value = value.unwrap_or_else(|| Node {
                span: key.span,
                kind: Kind::Scalar { text: String::new(), plain: true },
            });
            // An absent value has its place after the colon, or further down: the key stands in for it.
            let absent =
                matches!(&value.kind, Kind::Scalar { text, plain: true } if text.is_empty());
            let value = if absent { Node { span: key.span, ..value } } else { value };
            end = Span { end: value.span.end.max(key.span.end), ..key.span };
            let alone = braces && absent && !self.stopped && braces::lacks_colon(self.text, &key);
            match braces::glued(self.text, &key).filter(|_| alone) {
                Some((key, value, finding)) => {
                    self.found.push(finding);
                    self.entry(&mut entries, key, value);
                }
                None => {
                    if alone {
                        cut.insert(key.span);
                    }
                    self.entry(&mut entries, key, value);
                }
            }
        }
        if !self.stopped {
            braces::drop_cut(&mut entries.list, &cut, self.found);
        }
        Node { span: join(start, end), kind: Kind::Mapping(entries.list) }
    }

    fn entry(&mut self, entries: &mut Entries, key: Node, value: Node) {
        let Kind::Scalar { text, .. } = key.kind else {
            self.found.push(
                codes::KEY_NOT_TEXT
                    .at(key.span, format!("a key is a word, not {}", key.describe()))
                    .help("quote text that begins with `{` or `[`"),
            );
            return;
        };
        if text == "<<" {
            self.found.push(
                codes::MERGE_KEY
                    .at(key.span, "`<<` merges nothing: YAML 1.2 has no merge keys")
                    .help("write the keys out, or share a schema with `$ref`"),
            );
            return;
        }
        match entries.places.get(&text) {
            Some(earlier) => self.found.push(
                codes::DUPLICATE_KEY
                    .at(key.span, format!("the key `{text}` is given twice"))
                    .labelled("given again")
                    .and(*earlier, "first given here")
                    .help("keep one of the two"),
            ),
            None => {
                entries.places.insert(text.clone(), key.span);
                entries.list.push((Key { span: key.span, text }, value));
            }
        }
    }

    fn alias(&mut self, id: usize, span: Span) -> Option<Node> {
        self.unused.remove(&id);
        let Some((node, size)) = self.anchors.get(&id) else {
            self.report(codes::ALIAS.at(span, "this alias stands inside its own anchor"));
            return None;
        };
        self.nodes += size;
        if self.nodes > MAX_NODES {
            let message = format!("aliases expand to more than {MAX_NODES} values");
            self.report(codes::TOO_LARGE.at(span, message));
            return None;
        }
        Some(node.clone())
    }

    /// Reports anchors without an alias: mostly a text that begins with `&`, which would lose its first word.
    fn unused_anchors(&mut self) {
        for span in std::mem::take(&mut self.unused).into_values() {
            self.found.push(
                codes::UNUSED_ANCHOR
                    .at(
                        span,
                        format!(
                            "no alias repeats `{}`",
                            self.text.get(span.range()).unwrap_or("&")
                        ),
                    )
                    .help("remove it; quote a text that begins with `&`"),
            );
        }
    }

    /// The place of the anchor that stands before a value, or begins it.
    fn anchor_before(&self, value: Span) -> Span {
        let (before, behind) = self.text.split_at(value.start as usize);
        let start =
            if behind.starts_with('&') { before.len() } else { before.rfind('&').unwrap_or(0) };
        let word = self.text[start..].split(char::is_whitespace).next().unwrap_or_default();
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { start: offset(start), end: offset(start + word.len()), ..value }
    }

    fn tag(&mut self, tag: Option<&Tag>, span: Span) {
        if tag.is_some() {
            self.found.push(
                codes::TAG
                    .at(span, "a YAML tag (`!…`) has no meaning in a catalog")
                    .help("drop the tag; quote a value that is to be text"),
            );
        }
    }

    /// The end of a collection: its closing bracket, or its last child where the indentation ends it.
    fn closing(&self, last: Span, close: Span) -> Span {
        let bracket = matches!(self.text.as_bytes().get(close.start as usize), Some(b'}' | b']'));
        if bracket && close.end > close.start { close } else { last }
    }

    /// A span in bytes, without white space at its end.
    fn span(&self, start: usize, end: usize) -> Span {
        let start = self.offsets.byte(start);
        let end = self.offsets.byte(end).max(start);
        let text = self.text.get(start..end).unwrap_or_default();
        let end = start + text.trim_end().len();
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { file: self.file, start: offset(start), end: offset(end) }
    }
}

/// The id of an event's anchor; 0 for none.
fn anchor(event: &Event<'_>) -> usize {
    match event {
        Event::Scalar(_, _, anchor, _)
        | Event::SequenceStart(anchor, _)
        | Event::MappingStart(anchor, _) => *anchor,
        _ => 0,
    }
}

fn join(start: Span, end: Span) -> Span {
    // Children that come from an alias may lie before their parent.
    Span { end: end.end.max(start.end), ..start }
}
