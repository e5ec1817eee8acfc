//! A run from its start to its judgement.

mod fleet;
mod happenings;
mod inject;
mod local;
mod poison;
mod raw;
mod servers;
mod termination;
mod witness;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::{Mutex, watch};

use self::fleet::Fleet;
pub(crate) use self::happenings::Happenings;
use self::local::Local;
use self::servers::Servers;
pub(crate) use self::witness::Witness;
use crate::Outcome;
use crate::arguments::Plan;
use crate::events::{Mix, PARCELS};
use crate::model::{Evidence, judge};
use crate::report::{Figures, Report};
use crate::roles::{Handling, Place, Publishing, Role};
use crate::schedule::{Crashes, ProcessFaults, ServerFaults};
use crate::topology::Reader;

/// Processes that publish, beside this one.
const PUBLISHERS: u64 = 2;
/// How often processes are looked after, and the state is shown.
const TICK: Duration = Duration::from_millis(50);
/// How long nothing may move before a run is stuck.
const STUCK: Duration = Duration::from_secs(90);

/// Directs a run, and tells whether all was as it must be.
pub(crate) async fn direct(plan: Plan) -> Outcome<bool> {
    println!("{}", crate::report::opening(&plan));
    let mut folder = tempfile::Builder::new().prefix("tidings-faults-").tempdir()?;
    let mut stage = Stage::set(&plan, folder.path()).await?;
    let report = tokio::select! {
        report = stage.play() => report,
        () = tidings::shutdown_signal() => Err("interrupted".into()),
    };
    let well = matches!(&report, Ok(report) if report.is_well());
    match &report {
        Ok(report) => println!("{report}"),
        Err(error) => {
            println!("the run could not be ended: {}", crate::report::with_causes(&**error));
        }
    }
    if !well {
        println!("\n{}", stage.happenings);
        stage.keep(folder.path()).await?;
        folder.disable_cleanup(true);
        println!("journals, logs and stores are kept in {}", folder.path().display());
        println!("again: cargo xtask faults -- {}", crate::report::again(&plan));
    }
    report.map(|report| report.is_well())
}

/// Everything of a run.
struct Stage {
    plan: Plan,
    mix: Mix,
    servers: Servers,
    fleet: Arc<Mutex<Fleet>>,
    local: Local,
    witness: Witness,
    happenings: Happenings,
    begun: Instant,
}

impl Stage {
    async fn set(plan: &Plan, folder: &Path) -> Outcome<Self> {
        let servers = Servers::start(plan.servers).await?;
        let replicas = if plan.servers == 1 { 1 } else { 3 };
        let place = Place { urls: servers.urls().join(","), replicas };
        place.prepare().await.close().await?;
        let mix = Mix::new(plan.seed, plan.events);
        let steps = plan.events.div_ceil((PUBLISHERS + 1) * PARCELS).max(1);
        let publishers = u32::try_from(PUBLISHERS + 1)?;
        let pace = plan.span * publishers / u32::try_from(plan.events.max(1))?;
        let publishing = |name: String| Publishing {
            journal: folder.join(format!("{name}.journal")),
            place: place.clone(),
            name,
            mix,
            steps,
            pace,
            crash: None,
        };
        let handling = |readers: &[Reader]| Handling {
            // Each process has a journal of its own.
            journal: folder.to_owned(),
            place: place.clone(),
            mix,
            readers: readers.to_vec(),
            crash: None,
        };
        let happenings = Happenings::new(folder)?;
        let crashes = (!plan.calm).then(|| Crashes::new(plan.seed));
        let mut fleet = Fleet::new(folder, crashes, happenings.clone())?;
        for number in 0..PUBLISHERS {
            let name = format!("p{number}");
            fleet.add(&name, Role::Publish(publishing(name.clone())))?;
        }
        let most = [Reader::Plain, Reader::Strict, Reader::Parted];
        let others = [Reader::Lanes, Reader::Parted];
        for (name, readers) in [("h0", &most[..]), ("h1", &most), ("h2", &others)] {
            fleet.add(name, Role::Handle(handling(readers)))?;
        }
        let mut own = handling(&most);
        own.journal = folder.join("handler-local-0.journal");
        let local = Local::start(publishing("local".to_owned()), own, happenings.clone());
        Ok(Self {
            witness: Witness::connect(&servers.urls()).await?,
            plan: plan.clone(),
            mix,
            servers,
            fleet: Arc::new(Mutex::new(fleet)),
            local,
            happenings,
            begun: Instant::now(),
        })
    }

    async fn play(&mut self) -> Outcome<Report> {
        self.break_things().await?;
        let publishing = self.begun.elapsed();
        self.settle().await?;
        self.local.stop().await;
        let unclean = self.fleet.lock().await.stop().await?;
        let all = self.begun.elapsed();
        let evidence = Evidence::gather(self.happenings.folder(), &self.witness).await?;
        let mut violations = judge(&evidence, &self.mix);
        violations.extend(unclean);
        let figures = Figures::of(&evidence, &self.happenings, publishing, all);
        Ok(Report { figures, violations })
    }

    /// Faults, until everything is published and the last fault has ended.
    async fn break_things(&mut self) -> Outcome {
        let (plan, fleet, happenings) = (&self.plan, &self.fleet, &self.happenings);
        let limit = plan.span * 3 + Duration::from_secs(300);
        let over = watch::Sender::new(false);
        // Whether there is another fault, after its pause.
        let goes_on = async |pause: Duration| {
            let mut ended = over.subscribe();
            let waiting = ended.wait_for(|over| *over);
            !plan.calm && tokio::time::timeout(pause, waiting).await.is_err()
        };
        let servers = async {
            let mut poisoned = 0;
            for planned in ServerFaults::new(plan.seed, plan.servers, plan.wipe) {
                if !goes_on(planned.pause).await {
                    break;
                }
                happenings.note("server", &planned.fault);
                let (servers, witness) = (&mut self.servers, &self.witness);
                inject::server(&planned.fault, servers, witness, happenings, &mut poisoned).await?;
            }
            Outcome::Ok(())
        };
        let processes = async {
            for planned in ProcessFaults::new(plan.seed) {
                if !goes_on(planned.pause).await {
                    break;
                }
                inject::process(&planned.fault, fleet).await?;
            }
            Ok(())
        };
        let published = async {
            let bar = progress(plan.events);
            while !(fleet.lock().await.tend()? && self.local.has_published()) {
                bar.set_message(happenings.last());
                if !bar.is_hidden()
                    && let Some(stored) = self.witness.stored_so_far().await
                {
                    bar.set_position(stored);
                }
                tokio::time::sleep(TICK).await;
            }
            bar.finish_and_clear();
            over.send_replace(true);
            Ok(())
        };
        let all = async { tokio::try_join!(servers, processes, published) };
        match tokio::time::timeout(limit, all).await {
            Ok(all) => all.map(drop),
            Err(_) => Err(format!("not published within {limit:?}").into()),
        }
    }

    /// Peace, until everything is handled.
    async fn settle(&mut self) -> Outcome {
        self.happenings.note("director", "everything is published; no faults any more");
        self.servers.heal().await?;
        self.fleet.lock().await.calm()?;
        let mut quiet = 0;
        let mut moved = (Instant::now(), Ok(Vec::new()));
        while quiet < 5 {
            self.fleet.lock().await.tend()?;
            let left = self.witness.left().await;
            let left = left.map_err(|error| error.to_string());
            match &left {
                Ok(left) if left.iter().all(|left| *left == 0) => quiet += 1,
                _ => quiet = 0,
            }
            if left != moved.1 {
                moved = (Instant::now(), left);
            }
            if moved.0.elapsed() > STUCK {
                let (readers, left) = (Reader::ALL, moved.1);
                let words = format!("nothing moves for {STUCK:?}; {readers:?} have left {left:?}");
                return Err(words.into());
            }
            tokio::time::sleep(4 * TICK).await;
        }
        Ok(())
    }

    /// Ends everything, and leaves the servers' files beside the journals.
    async fn keep(&mut self, folder: &Path) -> Outcome {
        self.fleet.lock().await.kill()?;
        self.servers.keep(folder)
    }
}

fn progress(events: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{elapsed_precise} {bar:30} {pos}/{len} {wide_msg}");
    let bar = ProgressBar::new(events);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
