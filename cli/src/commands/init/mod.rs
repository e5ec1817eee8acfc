//! `tidings init`

mod checkout;

use std::path::{Path, PathBuf};

use clap::Args;
use tidings_codegen::editor::{self, FileKind};
use tidings_codegen::naming;

use self::checkout::Checkout;
use super::Outcome;
use crate::answer::{Written, require_answer_format};
use crate::draft::Draft;
use crate::failure::Failure;
use crate::folder::USUAL_NAME;
use crate::output::slashed;
use crate::session::Session;

/// The catalog to begin with, as one would write it: a domain, an event of it and a service.
const CATALOG: [(FileKind, &str, &str); 4] = [
    (FileKind::Catalog, "catalog.yaml", include_str!("catalog.yaml")),
    (FileKind::Domain, "orders/domain.yaml", include_str!("domain.yaml")),
    (FileKind::Event, "orders/order-created.yaml", include_str!("event.yaml")),
    (FileKind::Service, "services/sales.yaml", include_str!("service.yaml")),
];

/// The thin crate around it.
const BUILD_SCRIPT: &str = include_str!("build.rs.txt");
const LIBRARY: &str = include_str!("lib.rs.txt");

/// Begin a catalog: a crate that compiles it, with a domain, an event and a service.
///
/// Nothing is overwritten.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Folder of the new catalog.
    #[arg(value_name = "FOLDER", default_value = USUAL_NAME)]
    folder: PathBuf,

    /// The catalog's name; by default that of the folder around it.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Only the YAML, without the crate.
    #[arg(long)]
    bare: bool,

    /// Checkout of Tidings that the crate is built with; by default the one that this command was built from.
    #[arg(long, value_name = "FOLDER", conflicts_with = "bare")]
    tidings: Option<PathBuf>,
}

impl Init {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        require_answer_format(session, "init")?;
        let mut drafts = self.catalog()?;
        if !self.bare {
            drafts.extend(self.package()?);
        }
        // All or nothing.
        drafts.iter().try_for_each(Draft::check)?;
        let mut written = Written::new("init");
        for draft in &drafts {
            draft.write()?;
            written.file(slashed(&draft.path));
        }
        written.next(self.next());
        written.write(session)
    }

    fn catalog(&self) -> Result<Vec<Draft>, Failure> {
        let name = self.name()?;
        let yaml = CATALOG.iter().map(|(kind, path, text)| Draft {
            path: self.folder.join(path),
            text: format!("{}\n{}", kind.modeline(Path::new(path)), text.replace("{name}", &name)),
        });
        let schemas = editor::files().into_iter();
        let schemas = schemas.map(|(path, text)| Draft { path: self.folder.join(path), text });
        Ok(yaml.chain(schemas).collect())
    }

    fn package(&self) -> Result<[Draft; 3], Failure> {
        let checkout = match &self.tidings {
            Some(folder) => Checkout::named(folder)?,
            None => Checkout::of_this_command()?,
        };
        let folder = std::path::absolute(&self.folder)
            .map_err(|error| Failure::io("cannot find", &self.folder, &error))?;
        let package = folder.file_name().map_or(USUAL_NAME.into(), |name| name.to_string_lossy());
        let package = kebab(&package, USUAL_NAME);
        let draft = |path: &str, text: String| Draft { path: self.folder.join(path), text };
        Ok([
            draft("Cargo.toml", checkout.manifest(&package, &folder)),
            draft("build.rs", BUILD_SCRIPT.to_owned()),
            draft("src/lib.rs", LIBRARY.to_owned()),
        ])
    }

    fn name(&self) -> Result<String, Failure> {
        if let Some(name) = &self.name {
            let fits = kebab(name, "") == name.replace('_', "-");
            return fits.then(|| name.clone()).ok_or_else(|| {
                Failure::new(format!("`{name}` is no name for a catalog"))
                    .help(format!("write it in small letters, such as `{}`", kebab(name, "shop")))
            });
        }
        let folder = std::path::absolute(&self.folder)
            .map_err(|error| Failure::io("cannot find", &self.folder, &error))?;
        let usual = folder.file_name().is_some_and(|name| name == USUAL_NAME);
        let named = if usual { folder.parent() } else { Some(folder.as_path()) };
        let name = named.and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        Ok(kebab(&name, "events"))
    }

    /// What to do with the new catalog.
    fn next(&self) -> String {
        let folder = slashed(&self.folder);
        let named = match folder.as_str() {
            USUAL_NAME => String::new(),
            folder => format!(" --catalog {folder}"),
        };
        let mut next = format!("\nNext: `tidings check{named}`, `tidings generate{named}`");
        if !self.bare {
            next += &format!(", `cargo build --manifest-path {folder}/Cargo.toml`");
            let around = std::path::absolute(&self.folder).unwrap_or_default();
            if let Some(workspace) = checkout::workspace_around(&around) {
                let shown = slashed(&workspace);
                next += &format!("\nFirst add the crate to `members` of the workspace in {shown}");
            }
        }
        next + "\n"
    }
}

/// A name in small letters with hyphens; `otherwise` where nothing of it is left.
fn kebab(name: &str, otherwise: &str) -> String {
    let letters = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let name = naming::snake(&name.chars().map(letters).collect::<String>()).replace('_', "-");
    let name = name.trim_start_matches(|c: char| !c.is_ascii_lowercase()).trim_end_matches('-');
    if name.is_empty() { otherwise.to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::kebab;

    #[test]
    fn folders_give_names() {
        for (folder, name) in [
            ("shop", "shop"),
            ("MyShop", "my-shop"),
            ("my_shop", "my-shop"),
            ("2026 shop!", "shop"),
            ("...", "events"),
            ("日本", "events"),
        ] {
            assert_eq!(kebab(folder, "events"), name, "{folder}");
        }
    }
}
