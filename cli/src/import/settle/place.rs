use tidings_codegen::source::Span;
use tidings_codegen::yaml::{Kind, Node};

/// A step into a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Key(String),
    Item(usize),
}

impl Step {
    /// The key; empty for an item of a list.
    pub(super) fn key(&self) -> &str {
        match self {
            Self::Key(key) => key,
            Self::Item(_) => "",
        }
    }
}

/// The way to a place of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) steps: Vec<Step>,
    /// Whether it is the last step's key, not what stands there.
    pub(super) on_key: bool,
}

impl Place {
    /// The smallest part of a document around a span.
    pub(super) fn find(root: &Node, span: Span) -> Self {
        let mut place = Self { steps: Vec::new(), on_key: false };
        let mut node = root;
        'down: while range(node.span) != range(span) {
            match &node.kind {
                Kind::Scalar { .. } => break,
                Kind::Sequence(items) => {
                    for (at, item) in items.iter().enumerate() {
                        if is_around(item.span, span) {
                            place.steps.push(Step::Item(at));
                            node = item;
                            continue 'down;
                        }
                    }
                    break;
                }
                Kind::Mapping(entries) => {
                    for (key, value) in entries {
                        place.on_key = is_around(key.span, span);
                        if place.on_key || is_around(value.span, span) {
                            place.steps.push(Step::Key(key.text.clone()));
                            if place.on_key {
                                break 'down;
                            }
                            node = value;
                            continue 'down;
                        }
                    }
                    break;
                }
            }
        }
        place
    }

    /// The same, some steps further down.
    pub(super) fn below(&self, steps: usize) -> Self {
        Self {
            steps: self.steps[steps..].to_vec(),
            on_key: self.on_key && self.steps.len() > steps,
        }
    }
}

fn range(span: Span) -> (u32, u32) {
    (span.start, span.end)
}

fn is_around(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

#[cfg(test)]
mod tests {
    use tidings_codegen::source::SourceMap;
    use tidings_codegen::yaml;

    use super::*;

    #[test]
    fn places_are_found_by_their_spans() {
        let text = "a:\n  b: [x, { c: d }]\n  e: f\n";
        let mut sources = SourceMap::default();
        let root = yaml::parse("x.yaml", text, &mut sources).expect("YAML");
        let way = |part: &str| {
            let start = text.find(part).expect("a part") as u32;
            let span = Span { start, end: start + part.len() as u32, ..root.span };
            let place = Place::find(&root, span);
            let steps = place.steps.iter().map(|step| match step {
                Step::Key(key) => key.clone(),
                Step::Item(at) => at.to_string(),
            });
            (steps.collect::<Vec<_>>().join("/"), place.on_key)
        };
        assert_eq!(way("b"), ("a/b".to_owned(), true));
        assert_eq!(way("x"), ("a/b/0".to_owned(), false));
        assert_eq!(way("c"), ("a/b/1/c".to_owned(), true));
        assert_eq!(way("d"), ("a/b/1/c".to_owned(), false));
        assert_eq!(way("f"), ("a/e".to_owned(), false));
    }
}
