//! The verbs, each in a file of its own.

mod apply;
mod bench;
mod breaking;
mod check;
mod completions;
mod dashboard;
mod dev;
mod diff;
mod dlq;
mod docs;
mod drift;
mod explain;
mod export;
mod fmt;
mod generate;
mod import;
mod init;
mod lag;
mod man;
mod new;
mod permissions;
mod plan;
mod publish;
mod release;
mod replay;
mod tail;

use clap::Subcommand;

use crate::failure::Failure;
use crate::report::Verdict;
use crate::session::Session;

/// A verb with its arguments.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(init::Init),
    New(new::New),
    Check(check::Check),
    Fmt(fmt::Fmt),
    Breaking(breaking::Breaking),
    Diff(diff::Diff),
    Release(release::Release),
    Explain(explain::Explain),
    Export(export::Export),
    Import(import::Import),
    Generate(generate::Generate),
    Docs(docs::Docs),
    Permissions(permissions::Permissions),
    Dashboard(dashboard::Dashboard),
    Plan(plan::Plan),
    Apply(apply::Apply),
    Drift(drift::Drift),
    Publish(publish::Publish),
    Tail(tail::Tail),
    Lag(lag::Lag),
    Dlq(dlq::Dlq),
    Replay(replay::Replay),
    Dev(dev::Dev),
    Bench(bench::Bench),
    Completions(completions::Completions),
    Man(man::Man),
}

/// How a verb ends. The failure says why it could not be done.
pub(crate) type Outcome = Result<Verdict, Failure>;

impl Command {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        match self {
            Self::Init(init) => init.run(session),
            Self::New(new) => new.run(session),
            Self::Check(check) => check.run(session),
            Self::Fmt(fmt) => fmt.run(session),
            Self::Breaking(breaking) => breaking.run(session),
            Self::Diff(diff) => diff.run(session),
            Self::Release(release) => release.run(session),
            Self::Explain(explain) => explain.run(session),
            Self::Export(export) => export.run(session),
            Self::Import(import) => import.run(session),
            Self::Generate(generate) => generate.run(session),
            Self::Docs(docs) => docs.run(session),
            Self::Permissions(permissions) => permissions.run(session),
            Self::Dashboard(dashboard) => dashboard.run(session),
            Self::Plan(plan) => plan.run(session),
            Self::Apply(apply) => apply.run(session),
            Self::Drift(drift) => drift.run(session),
            Self::Publish(publish) => publish.run(session),
            Self::Tail(tail) => tail.run(session),
            Self::Lag(lag) => lag.run(session),
            Self::Dlq(dlq) => dlq.run(session),
            Self::Replay(replay) => replay.run(session),
            Self::Dev(dev) => dev.run(session),
            Self::Bench(bench) => bench.run(session),
            Self::Completions(completions) => completions.run(session),
            Self::Man(man) => man.run(session),
        }
    }
}
