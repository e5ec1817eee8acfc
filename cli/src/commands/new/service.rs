use clap::Args;
use tidings_codegen::Compilation;
use tidings_codegen::editor::FileKind;

use super::{Addition, line};
use crate::draft::quoted;
use crate::failure::Failure;

/// Add a service: what it publishes and what it consumes.
#[derive(Debug, Args)]
pub(super) struct Service {
    /// In `snake_case`: `billing`.
    name: String,

    /// What it does, in a line.
    #[arg(long, value_name = "TEXT")]
    summary: Option<String>,

    /// The team that answers for it.
    #[arg(long, value_name = "TEAM")]
    owner: Option<String>,

    /// Events that it publishes, with commas between them.
    #[arg(long, value_name = "EVENTS", value_delimiter = ',')]
    publishes: Vec<String>,

    /// Events, or patterns such as `orders.>`, that one subscription of it receives.
    #[arg(long, value_name = "EVENTS", value_delimiter = ',')]
    consumes: Vec<String>,

    /// Name of that subscription.
    #[arg(long, value_name = "NAME", default_value = "main", requires = "consumes")]
    subscription: String,
}

impl Service {
    pub(super) fn addition(&self, catalog: &Compilation) -> Result<Addition, Failure> {
        let name = self.name.clone();
        if catalog.catalog.services.contains_key(&name) {
            return Err(Failure::new(format!("the catalog has a service `{name}` already")));
        }
        Ok(Addition {
            kind: FileKind::Service,
            path: format!("services/{name}.yaml"),
            text: self.text(),
            is_in: Box::new(move |with| with.catalog.services.contains_key(&name)),
        })
    }

    fn text(&self) -> String {
        let mut text = format!("service: {}\n", quoted(&self.name));
        text += &line("summary", self.summary.as_deref());
        text += &line("owner", self.owner.as_deref());
        if !self.publishes.is_empty() {
            text += &format!("publishes: {}\n", list(&self.publishes));
        }
        if !self.consumes.is_empty() {
            let name = quoted(&self.subscription);
            text += &format!("subscriptions:\n  {name}:\n    events: {}\n", list(&self.consumes));
        }
        text
    }
}

fn list(events: &[String]) -> String {
    let events: Vec<String> = events.iter().map(|event| quoted(event.trim())).collect();
    format!("[{}]", events.join(", "))
}
