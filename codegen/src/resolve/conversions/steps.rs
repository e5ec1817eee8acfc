use tidings_payload::convert::{EACH, segments};

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::{Change, Conversion, Places, Step};
use crate::syntax::{Changes, Entries, Spanned, Text};

/// The steps in the order in which they are done, which is that of the documentation and not that of the file:
/// `rename`, `move`, `drop`, `map`, `set`, `default`.
pub(super) fn conversion(changes: &Changes<'_>, found: &mut Vec<Diagnostic>) -> Conversion {
    let mut steps = Vec::new();
    for (at, name) in read(changes.rename) {
        steps.push(whole(at).and_then(|pointer| renamed(at, pointer, name)));
    }
    for (at, target) in read(changes.r#move) {
        steps.push(whole(at).and_then(|pointer| moved(at, pointer, target)));
    }
    for at in changes.drop.iter().flat_map(|list| &list.value) {
        steps.push(whole(at).map(|pointer| step(at, pointer, Change::Drop)));
    }
    for (at, values) in read(changes.map) {
        let values = read(Some(values)).map(|(old, new)| (old.value.0.clone(), new.to_value()));
        steps.push(place(at).map(|pointer| step(at, pointer, Change::Map(values.collect()))));
    }
    for (at, value) in read(changes.set) {
        steps.push(place(at).map(|pointer| step(at, pointer, Change::Set(value.to_value()))));
    }
    for (at, value) in read(changes.default) {
        steps.push(place(at).map(|pointer| step(at, pointer, Change::Default(value.to_value()))));
    }
    let steps = steps.into_iter().filter_map(|step| step.map_err(|fault| found.push(fault)).ok());
    Conversion { steps: steps.collect() }
}

/// The entries whose values could be read; the others have been reported.
fn read<V>(entries: Option<&Entries<Text, V>>) -> impl Iterator<Item = (&Spanned<Text>, &V)> {
    let entries = entries.into_iter().flat_map(|entries| &entries.entries);
    entries.filter_map(|(at, value)| Some((at, value.as_ref()?)))
}

fn step(at: &Spanned<Text>, pointer: String, change: Change) -> Step {
    Step { span: at.span, at: pointer, change }
}

/// The new name stands where the old one did.
fn renamed(at: &Spanned<Text>, pointer: String, name: &Spanned<Text>) -> Result<Step, Diagnostic> {
    let text = &name.value.0;
    if text.is_empty() || text.starts_with('/') {
        return Err(codes::CONVERSION_SYNTAX
            .at(name.span, format!("expected a property's new name, found `{text}`"))
            .help("to put it somewhere else, write it under `move`"));
    }
    let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
    let target = Places::pointer(parent, text);
    Ok(step(at, pointer, Change::Move(target)))
}

/// Within a list, a value can move inside of its item.
fn moved(at: &Spanned<Text>, pointer: String, target: &Spanned<Text>) -> Result<Step, Diagnostic> {
    let target_pointer = whole(target)?;
    if around(&pointer) != around(&target_pointer) {
        return Err(codes::CONVERSION_SYNTAX
            .at(target.span, "a value cannot move out of its list, or into one")
            .and(at.span, "from here")
            .help("both places are the same up to the last `*`")
            .help("what a list must be searched for is done in Rust: `by: rust`"));
    }
    Ok(step(at, pointer, Change::Move(target_pointer)))
}

/// What leads to the last `*`.
fn around(pointer: &str) -> &str {
    pointer.rfind("/*/").map_or("", |end| &pointer[..end + 2])
}

/// A place that is a property's: an item cannot be taken out of its list.
fn whole(at: &Spanned<Text>) -> Result<String, Diagnostic> {
    let pointer = place(at)?;
    if segments(&pointer).last().is_some_and(|last| last == EACH) {
        return Err(codes::CONVERSION_SYNTAX
            .at(at.span, "`*` at the end stands for each item, which has no name")
            .help("name the list itself, or a property of its items: `/lines/*/price`"));
    }
    Ok(pointer)
}

/// A property's name, or a JSON pointer, as a JSON pointer.
fn place(at: &Spanned<Text>) -> Result<String, Diagnostic> {
    let text = at.value.0.as_str();
    let Some(path) = text.strip_prefix('/') else {
        let is_name = !text.is_empty() && text != EACH;
        let finding = || codes::CONVERSION_SYNTAX.at(at.span, "expected a property");
        let help = "write its name, or a JSON pointer such as `/address/city` or `/lines/*/price`";
        return is_name.then(|| Places::pointer("", text)).ok_or_else(|| finding().help(help));
    };
    let is_escaped =
        |segment: &str| segment.split('~').skip(1).all(|behind| behind.starts_with(['0', '1']));
    if path.split('/').any(|segment| segment.is_empty() || !is_escaped(segment)) {
        return Err(codes::CONVERSION_SYNTAX
            .at(at.span, format!("`{text}` is no JSON pointer"))
            .help(
                "names stand between the slashes; in them, `~1` stands for `/` and `~0` for `~`",
            ));
    }
    Ok(text.to_owned())
}
