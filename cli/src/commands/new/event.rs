use clap::Args;
use tidings_codegen::Compilation;
use tidings_codegen::editor::FileKind;

use super::{Addition, line};
use crate::draft::quoted;
use crate::failure::Failure;

/// A UUID for examples.
const EXAMPLE: &str = "019cadd3-8782-7db2-b428-1a2d94af3083";

/// Add an event, with a payload to begin with.
#[derive(Debug, Args)]
pub(super) struct Event {
    /// `domain.entity.action`: `orders.order.shipped`.
    r#type: String,

    /// What has happened, in a line.
    #[arg(long, value_name = "TEXT")]
    summary: Option<String>,

    /// Property that tells which events must stay in order; by default the id of the entity, `order_id`.
    #[arg(long, value_name = "PROPERTY")]
    key: Option<String>,
}

impl Event {
    pub(super) fn addition(&self, catalog: &Compilation) -> Result<Addition, Failure> {
        let id = self.r#type.clone();
        let Some((domain, rest)) = id.split_once('.') else {
            return Err(Failure::new(format!("`{id}` is no type of an event"))
                .help("write `domain.entity.action`, such as `orders.order.shipped`"));
        };
        let known = catalog.catalog.events.keys().any(|event| event.as_str() == id);
        if known {
            return Err(Failure::new(format!("the catalog has an event `{id}` already"))
                .help("add a version to its file"));
        }
        let Some(found) = catalog.catalog.domains.get(domain) else {
            return Err(Failure::new(format!("no file declares the domain `{domain}`"))
                .meant(domain, catalog.catalog.domains.keys().map(String::as_str))
                .help(format!("`tidings new domain {domain}` adds it")));
        };
        let place = catalog.sources.path(found.span).parent();
        let folder =
            place.map(|path| path.to_string_lossy().replace('\\', "/")).unwrap_or_default();
        let file = format!("{}.yaml", rest.replace(['.', '_'], "-"));
        let path = if folder.is_empty() { file } else { format!("{folder}/{file}") };
        Ok(Addition {
            kind: FileKind::Event,
            path,
            text: self.text(rest),
            is_in: Box::new(move |with| {
                with.catalog.events.keys().any(|event| event.as_str() == id)
            }),
        })
    }

    fn text(&self, rest: &str) -> String {
        let entity = rest.split_once('.').map(|(entity, _)| entity);
        let key = match (&self.key, entity) {
            (Some(key), _) => key.clone(),
            (None, Some(entity)) => format!("{entity}_id"),
            (None, None) => "id".to_owned(),
        };
        let key = quoted(&key);
        let event = quoted(&self.r#type);
        let summary = line("summary", self.summary.as_deref());
        format!(
            "event: {event}
{summary}key: {key}
versions:
  1.0:
    payload:
      type: object
      required: [{key}]
      properties:
        {key}: {{ type: string, format: uuid }}
    examples:
      - {key}: {EXAMPLE}
"
        )
    }
}
