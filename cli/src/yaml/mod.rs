//! YAML as the command writes it: in an order of its own, with comments, in the layout of the catalog's files.

mod scalar;
mod value;
mod write;

pub(crate) use value::{Mapping, Node, Value};
pub(crate) use write::{Layout, write};
