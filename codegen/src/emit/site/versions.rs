//! What is different between the versions of an event, in words and side by side.

use std::collections::BTreeMap;

use super::html::name;
use super::page::Page;
use crate::compat::Change;
use crate::emit::reading::changes::{self, Between};
use crate::emit::reading::fields::{self, Field};
use crate::model::{Event, Version};

pub(super) fn section(page: &mut Page<'_, '_>, event: &Event) {
    let is_worth_it = event.versions.len() > 1
        || event.versions.values().any(|one| one.deprecated.is_some() || one.summary.is_some());
    if !is_worth_it {
        return;
    }
    page.section("versions", "Versions");
    page.push("<ol class=\"versions\" reversed>");
    let between = changes::list(page.catalog(), event);
    for version in event.versions.values().rev() {
        page.push("<li>");
        of(page, version);
        if let Some(between) = between.iter().find(|one| one.after.id == version.id) {
            difference(page, event, between);
        }
        page.push("</li>");
    }
    page.push("</ol>");
}

fn of(page: &mut Page<'_, '_>, version: &Version) {
    let state = match &version.deprecated {
        None => String::new(),
        Some(deprecation) => {
            let since =
                deprecation.since.as_ref().map(|day| format!(" since {day}")).unwrap_or_default();
            format!(" <span class=\"badge warn\">deprecated{since}</span>")
        }
    };
    page.push(&format!("<h3 id=\"version-{0}\">{0}{state}</h3>", version.id));
    if let Some(summary) = &version.summary {
        let summary = page.inline(summary);
        page.push(&format!("<p>{summary}</p>"));
    }
    if let Some(deprecation) = &version.deprecated {
        let instead = deprecation.instead.map(|id| format!("Use {id}.")).unwrap_or_default();
        let because = deprecation.because.as_deref().map(|why| page.inline(why));
        let because = because.map(|why| format!(" Because: {why}.")).unwrap_or_default();
        page.push(&format!("<p class=\"soft\">{instead}{because}</p>"));
    }
}

fn difference(page: &mut Page<'_, '_>, event: &Event, between: &Between<'_>) {
    let (before, after) = (between.before, between.after);
    page.push(&format!("<p class=\"soft\">Changed since {}:</p><ul class=\"changes\">", before.id));
    for change in &between.changes {
        let sentence = page.inline(&changes::sentence(change));
        page.push(&format!("<li>{}{sentence}</li>", mark(change)));
    }
    page.push("</ul>");
    page.push(&format!("<details><summary>{} and {} side by side</summary>", before.id, after.id));
    side_by_side(page, event, before, after);
    page.push("</details>");
}

/// Whom a change would hurt within one version; a new major version is where such changes go.
fn mark(change: &Change) -> String {
    match change.rule {
        None => "<span class=\"badge good\">safe</span> ".to_owned(),
        Some(rule) => format!(
            "<span class=\"badge bad\" title=\"{}: hurts {}\">{}</span> ",
            rule.code.name, change.hurts, rule.code.id
        ),
    }
}

fn side_by_side(page: &mut Page<'_, '_>, event: &Event, before: &Version, after: &Version) {
    let catalog = page.catalog();
    let old = fields::payload(catalog, event, before).fields;
    let new = fields::payload(catalog, event, after).fields;
    let known: BTreeMap<&str, &Field> = old.iter().map(|one| (one.path.as_str(), one)).collect();
    let kept: BTreeMap<&str, &Field> = new.iter().map(|one| (one.path.as_str(), one)).collect();
    let gone = old.iter().filter(|one| !kept.contains_key(one.path.as_str()));
    let pairs = new.iter().map(|one| (known.get(one.path.as_str()).copied(), Some(one)));
    let mut rows = Vec::new();
    for (old, new) in pairs.chain(gone.map(|one| (Some(one), None))) {
        let told = |field: Option<&Field>| field.map(|one| shown(page, one)).unwrap_or_default();
        let (left, right) = (told(old), told(new));
        let (sign, class) = match (old, new) {
            (None, _) => ("new", "good"),
            (_, None) => ("gone", "bad"),
            _ if left != right => ("changed", "warn"),
            _ => continue,
        };
        let path = old.or(new).map(|one| name(&one.path)).unwrap_or_default();
        let badge = format!("{path} <span class=\"badge {class}\">{sign}</span>");
        rows.push(vec![badge, left, right]);
    }
    if rows.is_empty() {
        page.push("<p class=\"soft\">The fields are the same; shared types differ.</p>");
        return;
    }
    let head = ["Field", &before.id.to_string(), &after.id.to_string()];
    page.table("Fields that differ", &head, &rows);
}

/// What readers and writers go by.
fn shown(page: &Page<'_, '_>, field: &Field) -> String {
    let kind = page.inline(&field.kind);
    let required = if field.is_required { "required" } else { "optional" };
    let constraints = match field.constraints.as_str() {
        "" => String::new(),
        words => format!("<div class=\"constraints\">{}</div>", page.inline(words)),
    };
    format!("{kind}<small>{required}</small>{constraints}")
}
