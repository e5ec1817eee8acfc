use clap::Args;
use tidings_codegen::Compilation;
use tidings_codegen::editor::FileKind;

use super::{Addition, line};
use crate::draft::quoted;
use crate::failure::Failure;

/// Add a domain: the first word of its events' types, with an owner and a stream.
#[derive(Debug, Args)]
pub(super) struct Domain {
    /// In `snake_case`: `payments`.
    name: String,

    /// What it is about, in a line.
    #[arg(long, value_name = "TEXT")]
    summary: Option<String>,

    /// The team that answers for it.
    #[arg(long, value_name = "TEAM")]
    owner: Option<String>,
}

impl Domain {
    pub(super) fn addition(&self, catalog: &Compilation) -> Result<Addition, Failure> {
        let name = self.name.clone();
        if catalog.catalog.domains.contains_key(&name) {
            return Err(Failure::new(format!("the catalog has a domain `{name}` already")));
        }
        let domain = format!("domain: {}\n", quoted(&name));
        let text = domain
            + &line("summary", self.summary.as_deref())
            + &line("owner", self.owner.as_deref());
        Ok(Addition {
            kind: FileKind::Domain,
            path: format!("{name}/domain.yaml"),
            text,
            is_in: Box::new(move |with| with.catalog.domains.contains_key(&name)),
        })
    }
}
