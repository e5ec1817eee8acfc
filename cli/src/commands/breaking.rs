//! `tidings breaking`

use clap::Args;

use super::Outcome;
use crate::baseline;
use crate::report::{Finding, Report};
use crate::session::Session;

/// Say what the catalog breaks of another one, as the build does of what was released.
///
/// Acknowledged breaks count as such. Without `--against`, the catalog is judged by its own lock.
#[derive(Debug, Args)]
pub(crate) struct Breaking {
    /// A lock's file, a catalog's folder, or a git reference such as `main`.
    #[arg(long, value_name = "LOCK|FOLDER|REF")]
    against: Option<String>,
}

impl Breaking {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        let folder = session.folder()?;
        let compilation = session.compile(&folder)?;
        let mut report = Report::new("breaking");
        if !compilation.is_understood {
            report.compilation(&folder, &compilation);
            report.summary("nothing can be compared while the catalog has mistakes");
            return report.write(session);
        }
        let (released, name) = match &self.against {
            Some(against) => (Some(baseline::named(against, &folder)?), format!("`{against}`")),
            None => (baseline::released(&folder)?, "what was released".to_owned()),
        };
        let Some(released) = released else {
            report.summary("nothing was released: `tidings release` does it");
            return report.write(session);
        };
        let prefix = folder.prefix();
        let found = compilation.breaks(&released);
        report.extend(
            found.iter().map(|one| Finding::diagnostic(one, &compilation.sources, &prefix)),
        );
        report.summary(match report.count() {
            (0, 0) => format!("nothing breaks {name}"),
            (0, _) => format!("nothing breaks {name} without being acknowledged or allowed"),
            (1, _) => format!("1 break of {name}"),
            (breaks, _) => format!("{breaks} breaks of {name}"),
        });
        report.write(session)
    }
}
