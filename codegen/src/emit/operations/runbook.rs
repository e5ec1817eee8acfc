//! The runbook: what each alert means, how to look, what to do.

use std::fmt::Write as _;

use super::alerts::{ALERTS, Alert};
use crate::emit::markdown::text::{Table, code, heading};
use crate::facts;
use crate::model::Catalog;

const HEADER: &str = "<!-- @generated from the event catalog by `tidings dashboard`. Do not edit: edit the YAML and run it again. -->\n\n";

/// Writes the runbook, in Markdown; alerts link to its entries.
pub fn emit(catalog: &Catalog) -> String {
    let mut out = HEADER.to_owned();
    let title = catalog.title.as_deref().unwrap_or(&catalog.name);
    let _ = write!(out, "# Runbook: {title}\n\n");
    out.push_str(
        "An entry for each alert. `critical` means that work does not get done: look now. `warning` means within the day. The \
         panels named here are those of the Grafana dashboard, in the row of the service that the alert names; its subscription \
         is the other label: `billing.invoicing` stands for the two in what follows. Commands take `--context` or `--server` for the \
         servers meant.\n\n",
    );
    contents(&mut out);
    entries(&mut out);
    subscriptions(&mut out, catalog);
    format!("{}\n", out.trim_end())
}

/// Its entries alone, for the page of the dashboard.
pub(super) fn entries(out: &mut String) {
    for alert in ALERTS {
        entry(out, alert);
    }
}

fn contents(out: &mut String) {
    for alert in ALERTS {
        let _ = writeln!(out, "- [{}](#{}), {}", alert.name, alert.anchor(), alert.severity.name());
    }
    out.push_str("- [From where on](#thresholds)\n\n");
}

fn entry(out: &mut String, alert: &Alert) {
    heading(out, 2, &alert.anchor(), alert.name);
    let lasting = alert.lasting.map_or_else(
        || "raised at once".to_owned(),
        |lasting| format!("raised when it lasts for {lasting}"),
    );
    let _ = write!(out, "*{}, {lasting}.* {}\n\n", alert.severity.name(), alert.meaning);
    let _ = write!(out, "**How to look**\n\n{}\n\n**What to do**\n\n{}\n\n", alert.look, alert.act);
}

/// The thresholds of every subscription, and who answers for it.
fn subscriptions(out: &mut String, catalog: &Catalog) {
    heading(out, 2, "thresholds", "From where on");
    out.push_str(
        "What the catalog says under `alerts` of a subscription, or in its defaults. More events wait, or one attempt of twenty \
         takes longer:\n\n",
    );
    let mut table = Table::new(&[
        "Service",
        "Owner",
        "Subscription",
        "Waiting",
        "Slowest twentieth",
        "Stopped after",
    ]);
    for service in catalog.services.values() {
        for subscription in service.subscriptions.values() {
            let alerts = subscription.alerts;
            let never = || "never".to_owned();
            table.row([
                code(&service.name),
                service.owner.as_deref().map(code).unwrap_or_default(),
                code(&subscription.name),
                alerts.lag.map_or_else(never, |lag| lag.to_string()),
                alerts.handler_p95.map_or_else(never, facts::duration),
                facts::duration(subscription.handler_timeout),
            ]);
        }
    }
    if table.is_empty() {
        out.push_str("No service subscribes to anything yet.\n\n");
    }
    table.write(out);
}
