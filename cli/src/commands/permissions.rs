//! `tidings permissions`

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use tidings::Prefix;
use tidings_codegen::emit::permissions::{self, Options, User};
use tidings_codegen::model::Catalog;

use super::Outcome;
use crate::answer::{Answer, Written, require_answer_format};
use crate::failure::Failure;
use crate::file;
use crate::output::slashed;
use crate::report::Report;
use crate::session::Session;

/// Print what each service may do on the server, as configuration of nats-server.
///
/// A user for each service, with no more than the catalog lets it do, and three beside them: who creates streams and consumers, who looks after dead letters, and who makes dead letters of what the server gave up. Secrets are variables that the server reads.
#[derive(Debug, Args)]
pub(crate) struct Permissions {
    /// How users prove who they are.
    #[arg(long, value_enum, value_name = "KIND", default_value_t)]
    credentials: Credentials,

    /// Put the users into an account of this name, with JetStream; by default they are those of the server's only account.
    #[arg(long, value_name = "NAME", value_parser = account)]
    account: Option<String>,

    /// Have services publish only what is of this organization, where the subject of an event tells whose it is.
    #[arg(long, value_name = "ID", value_parser = organization)]
    organization: Option<String>,

    /// The prefix under which the catalog is on the server; several, separated by commas, are environments that share the account.
    #[arg(long, env = "TIDINGS_PREFIX", value_name = "WORD", value_delimiter = ',')]
    prefix: Vec<Prefix>,

    /// File to write to instead of stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// How users prove who they are.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Credentials {
    /// By a password: `$BILLING_PASSWORD` on the server.
    #[default]
    Password,
    /// By an nkey, of which the server has the public half: `$BILLING_NKEY`.
    Nkey,
}

impl Permissions {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        require_answer_format(session, "permissions")?;
        let folder = session.folder()?;
        let compilation = session.compile(&folder)?;
        if compilation.has_errors() {
            let mut report = Report::new("permissions");
            report.compilation(&folder, &compilation);
            report.summary("a catalog with errors permits nothing");
            return report.write(session);
        }
        let catalog = &compilation.catalog;
        self.check(catalog)?;
        let organization = self.organization.as_deref();
        let credentials = match self.credentials {
            Credentials::Password => permissions::Credentials::Password,
            Credentials::Nkey => permissions::Credentials::Nkey,
        };
        let account = self.account.as_deref();
        let options = Options { credentials, account, organization, prefixes: &self.prefix };
        let text = permissions::emit(catalog, options);
        let Some(path) = &self.out else {
            let users = permissions::users(catalog, options);
            let users: Vec<Value> = users.iter().map(data).collect();
            let data = json!({ "configuration": text, "users": users });
            return Answer::new("permissions", text, data).write(session);
        };
        let mut written = Written::new("permissions");
        if file::write(path, &text)? {
            written.file(slashed(path));
        }
        written.write(session)
    }

    /// What is asked for must narrow something: it would be relied upon.
    fn check(&self, catalog: &Catalog) -> Result<(), Failure> {
        if self.organization.is_none() || permissions::tells_organizations(catalog) {
            return Ok(());
        }
        let attribute = catalog.tenancy.as_ref().map(|tenancy| tenancy.attribute.as_str());
        Err(Failure::new("no subject of the catalog tells whose an event is, so `--organization` would permit as much as without").help(
            match attribute {
                Some(attribute) => format!("have the `subject` of events hold `{{{attribute}}}`, and their payloads the property"),
                None => "name the attribute in `tenancy` of `catalog.yaml`, and have the `subject` of events hold it".to_owned(),
            },
        ))
    }
}

fn data(user: &User) -> Value {
    json!({
        "name": user.name,
        "about": user.about,
        "prefix": user.prefix.as_ref().map(Prefix::as_str),
        "inbox_prefix": user.inbox_prefix,
        "publish": { "allow": user.publish, "deny": user.deny },
        "subscribe": { "allow": user.subscribe },
        "allow_responses": user.answers,
    })
}

fn account(name: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(fits);
    is_name.then(|| name.to_owned()).ok_or_else(|| {
        "an account's name begins with a letter and has letters, digits, `-` and `_`".to_owned()
    })
}

/// One token of a subject, in a text of the server's configuration.
fn organization(id: &str) -> Result<String, String> {
    let unfit =
        |c: char| matches!(c, '.' | '*' | '>' | '"' | '\\') || c.is_whitespace() || c.is_control();
    match id.is_empty() || id.contains(unfit) {
        true => Err("it must be one token of a subject".to_owned()),
        false => Ok(id.to_owned()),
    }
}
