//! What typify makes of the schemas: structs with serde's derives.

use serde_json::{Value, json};
use typify::{TypeSpace, TypeSpaceImpl, TypeSpaceSettings};

use crate::Outcome;

/// The types of these schemas, by their names.
pub(crate) fn types(schemas: Vec<(String, Value)>) -> Outcome<String> {
    let mut settings = TypeSpaceSettings::default();
    let time = serde_json::from_value(json!({ "type": "string", "format": "date-time" }))?;
    settings.with_conversion(time, "::jiff::Timestamp", std::iter::once(TypeSpaceImpl::Display));
    let mut space = TypeSpace::new(&settings);
    let mut read = Vec::new();
    for (name, schema) in schemas {
        read.push((name, serde_json::from_value(schema)?));
    }
    space.add_ref_types(read).map_err(|error| error.to_string())?;
    let file: syn::File = syn::parse2(space.to_stream())?;
    Ok(prettyplease::unparse(&file))
}
