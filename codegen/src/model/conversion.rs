use serde_json::Value;
use tidings_payload::convert::{self, ConvertError};

use super::VersionId;
use crate::source::Span;

/// What a version says of the events of the major version before it.
#[derive(Clone, Debug)]
pub enum Upcast {
    /// They cannot be brought to it.
    None {
        /// Where it says so.
        span: Span,
    },
    /// How they are brought to it.
    Link(Link),
}

/// A link of the chain that brings an old event to the version that a handler takes.
#[derive(Clone, Debug)]
pub struct Link {
    /// Where it names the version that it leads from.
    pub span: Span,
    /// The version that it leads from; of the major version before it.
    pub from: VersionId,
    /// What is done.
    pub how: How,
}

/// How a [`Link`] works.
#[derive(Clone, Debug)]
pub enum How {
    /// The catalog says it.
    Declared(Conversion),
    /// Rust does it: `impl Upcast<v1::T> for v2::T`.
    ByHand,
}

/// An older version in which the events of a version are published too.
#[derive(Clone, Debug)]
pub struct Downcast {
    /// Where it names the older version.
    pub span: Span,
    /// The older major version.
    pub major: u16,
    /// What is done.
    pub conversion: Conversion,
}

/// How a payload is brought from one version to another: steps in the order in which they are done.
#[derive(Clone, Debug, Default)]
pub struct Conversion {
    /// Each sees what those before it left.
    pub steps: Vec<Step>,
}

/// One change of a payload.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where it is written.
    pub span: Span,
    /// JSON pointer, with `*` for each item of a list and each value of a map.
    pub at: String,
    /// What is done there.
    pub change: Change,
}

/// What a [`Step`] does at its place.
#[derive(Clone, Debug)]
pub enum Change {
    /// What is there goes to this place.
    Move(String),
    /// What is there is left out.
    Drop,
    /// New values for old ones, by the old one's text.
    Map(Vec<(String, Value)>),
    /// This value is put there.
    Set(Value),
    /// This value is put there where nothing is, or `null`.
    Default(Value),
}

impl Conversion {
    /// Does it, as the runtime does.
    ///
    /// # Errors
    /// Something would have to be put into what is no object.
    pub fn apply(&self, payload: &mut Value) -> Result<(), ConvertError> {
        self.steps.iter().try_for_each(|step| step.apply(payload))
    }
}

impl Step {
    fn apply(&self, payload: &mut Value) -> Result<(), ConvertError> {
        let at = self.at.as_str();
        let mut run = |step| convert::convert(payload, &[step]);
        match &self.change {
            Change::Move(to) => run(convert::Step::move_to(at, to)),
            Change::Drop => run(convert::Step::drop(at)),
            Change::Map(pairs) => {
                let texts: Vec<String> = pairs.iter().map(|(_, to)| to.to_string()).collect();
                let pairs = pairs.iter().zip(&texts).map(|((from, _), to)| (&**from, &**to));
                run(convert::Step::map(at, &pairs.collect::<Vec<_>>()))
            }
            Change::Set(value) => run(convert::Step::set(at, &value.to_string())),
            Change::Default(value) => run(convert::Step::default_to(at, &value.to_string())),
        }
    }
}
