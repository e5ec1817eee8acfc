//! `tidings diff`

use clap::Args;
use serde_json::json;
use tidings_codegen::Compilation;
use tidings_codegen::compat::{self, Change, Part, Snapshot};
use tidings_codegen::model::VersionId;

use super::Outcome;
use crate::answer::Answer;
use crate::baseline;
use crate::changes;
use crate::failure::Failure;
use crate::folder::CatalogFolder;
use crate::session::Session;

/// List what is different between two catalogs, or between two versions of an event.
///
/// Catalogs are locks, folders or git references such as `main`. `tidings diff` alone lists what is new since the last
/// release, `tidings diff main` what is new since there, `tidings diff v1 v2` what is new from one to the other, and
/// `tidings diff orders.order.created 1.0 2.0` how a payload differs. Exits with 1 where a change is a break.
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// Nothing, one or two catalogs, or an event and two of its versions.
    #[arg(value_name = "CATALOG|EVENT", num_args = 0..=3)]
    what: Vec<String>,
}

impl Diff {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        let folder = session.folder()?;
        let compilation = session.compile(&folder)?;
        let changes = self.changes(&compilation, &folder)?;
        let levels = &compilation.levels;
        let mut text = changes::shown(&changes, levels);
        if !session.is_quiet() {
            text.push_str(&format!("{}\n", changes::summary(&changes, levels)));
        }
        let data = json!({ "changes": changes::data(&changes, levels) });
        Answer::new("diff", text, data).write(session)?;
        Ok(changes::verdict(&changes, levels))
    }

    fn changes(
        &self,
        compilation: &Compilation,
        folder: &CatalogFolder,
    ) -> Result<Vec<Change>, Failure> {
        let now = || current(compilation);
        let named = |word: &str| baseline::named(word, folder);
        match self.what.as_slice() {
            [] => {
                let released = baseline::released(folder)?.ok_or_else(|| {
                    Failure::new("nothing was released that the catalog could be compared with")
                        .help("`tidings release` writes `catalog.lock`; or name a catalog: `tidings diff main`")
                })?;
                Ok(compat::compare(&released, &now()?))
            }
            [before] => Ok(compat::compare(&named(before)?, &now()?)),
            [before, after] => Ok(compat::compare(&named(before)?, &named(after)?)),
            [event, before, after, ..] => versions(&now()?, event, before, after),
        }
    }
}

fn current(compilation: &Compilation) -> Result<Snapshot, Failure> {
    if compilation.is_understood {
        return Ok(Snapshot::of(&compilation.catalog));
    }
    Err(Failure::new("the catalog has mistakes").help("`tidings check` shows them"))
}

fn versions(
    catalog: &Snapshot,
    id: &str,
    before: &str,
    after: &str,
) -> Result<Vec<Change>, Failure> {
    let event = catalog.events.get(id).ok_or_else(|| {
        let known: Vec<&str> = catalog.events.keys().map(String::as_str).collect();
        Failure::new(format!("there is no event `{id}`"))
            .help(format!("the events are {}", known.join(", ")))
    })?;
    let version = |word: &str| {
        let found = VersionId::parse(word).and_then(|id| Some((id, event.versions.get(&id)?)));
        found.ok_or_else(|| {
            let known: Vec<String> = event.versions.keys().map(ToString::to_string).collect();
            Failure::new(format!("`{id}` has no version {word}"))
                .help(format!("its versions are {}", known.join(", ")))
        })
    };
    let ((_, before), (newer, after)) = (version(before)?, version(after)?);
    Ok(compat::payloads(&Part::Version(id.to_owned(), newer), before, after))
}
