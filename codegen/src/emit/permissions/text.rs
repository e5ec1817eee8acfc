use std::collections::BTreeSet;
use std::fmt::Write as _;

use tidings_payload::Prefix;

use super::{User, users};
use crate::model::Catalog;

/// How the server's configuration is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// How users prove who they are.
    pub credentials: Credentials,
    /// The account that the users are of; without one, those of the server's only account.
    pub account: Option<&'a str>,
    /// The organization whose events services publish, as far as subjects tell; all without one.
    pub organization: Option<&'a str>,
    /// The prefixes under which the catalog is on the server, each with users of its own; without any, its names are those of the
    /// catalog.
    pub prefixes: &'a [Prefix],
}

/// How users prove who they are. Secrets are none of a catalog's business: variables stand for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Credentials {
    /// By a password, which the server finds in a variable: `$BILLING_PASSWORD`.
    #[default]
    Password,
    /// By an nkey, whose public half the server finds in a variable: `$BILLING_NKEY`.
    Nkey,
}

/// Writes the users of a catalog and what each of them may do, as configuration of nats-server.
pub fn emit(catalog: &Catalog, options: Options<'_>) -> String {
    let mut text = format!(
        "# Who may do what on a server of the catalog `{}`. Written by `tidings permissions`: change the catalog instead.\n",
        catalog.name
    );
    if let Some(organization) = options.organization {
        let _ = writeln!(text, "# Services publish what is of the organization `{organization}`.");
    }
    if !options.prefixes.is_empty() {
        text.push_str("# Each user works under a prefix, and is told so by `TIDINGS_PREFIX`.\n");
    }
    text.push_str(
        "# Services start with `TIDINGS_TOPOLOGY=off`: `tidings-provisioner` creates what they need.\n\
         #\n# The server reads these variables:\n",
    );
    let users = users(catalog, options);
    for user in &users {
        let _ = writeln!(text, "#   {}", options.credentials.variable(user));
    }
    let (open, indent, close) = match options.account {
        None => ("\nauthorization {\n".to_owned(), "", "}\n"),
        Some(account) => {
            let open = format!("\naccounts {{\n  {account} {{\n    jetstream: enabled\n");
            (open, "  ", "  }\n}\n")
        }
    };
    text.push_str(&open);
    let mut lines = String::from("  users: [\n");
    for user in &users {
        self::user(&mut lines, user, options.credentials);
    }
    lines.push_str("  ]\n");
    for line in lines.lines() {
        let _ = writeln!(text, "{indent}{line}");
    }
    text.push_str(close);
    text
}

impl Credentials {
    fn variable(self, user: &User) -> String {
        match self {
            Self::Password => user.variable("PASSWORD"),
            Self::Nkey => user.variable("NKEY"),
        }
    }
}

fn user(out: &mut String, user: &User, credentials: Credentials) {
    let User { name, about, prefix, inbox_prefix, publish, deny, subscribe, answers } = user;
    let variable = credentials.variable(user);
    let under = prefix.as_ref().map(|prefix| format!(" TIDINGS_PREFIX={prefix}"));
    let under = under.unwrap_or_default();
    let (own, proof) = match credentials {
        Credentials::Password => {
            (format!("NATS_USER={name} "), format!("user: \"{name}\", password: ${variable}"))
        }
        Credentials::Nkey => (String::new(), format!("nkey: ${variable}")),
    };
    let _ = write!(
        out,
        "    # {about}\n    # {own}NATS_INBOX_PREFIX={inbox_prefix}{under}\n    {{\n      {proof}\n      permissions: {{\n"
    );
    out.push_str("        publish: {\n");
    list(out, "allow", publish);
    if !deny.is_empty() {
        list(out, "deny", deny);
    }
    let subscribe: Vec<String> = subscribe.iter().map(|one| format!("\"{one}\"")).collect();
    let subscribe = subscribe.join(", ");
    let answers = if *answers { "        allow_responses: true\n" } else { "" };
    let _ = write!(
        out,
        "        }}\n        subscribe: {{ allow: [{subscribe}] }}\n{answers}      }}\n    }}\n"
    );
}

fn list(out: &mut String, name: &str, subjects: &BTreeSet<String>) {
    let _ = writeln!(out, "          {name}: [");
    for subject in subjects {
        let _ = writeln!(out, "            \"{subject}\"");
    }
    out.push_str("          ]\n");
}
