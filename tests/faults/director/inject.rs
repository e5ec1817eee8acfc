//! Faults, brought about and ended.

use std::io;
use std::time::Duration;

use tokio::sync::Mutex;

use super::fleet::Fleet;
use super::happenings::Happenings;
use super::servers::Servers;
use super::witness::Witness;
use super::{poison, termination};
use crate::Outcome;
use crate::journal::{self, Entry, Journal};
use crate::recovery::Interval;
use crate::schedule::{ProcessFault, ServerFault};

/// How long a lame duck may take before it is killed: clients that stay keep it for half a minute.
const LEAVING: Duration = Duration::from_secs(8);

/// How long a word of a server that was killed may lie unread.
const UNREAD: Duration = Duration::from_secs(1);

/// The journal of the times when everything was lost.
const WIPES: &str = "wipes.journal";

/// Brings about a fault of a server, and ends it.
pub(crate) async fn server(
    fault: &ServerFault,
    servers: &mut Servers,
    witness: &Witness,
    happenings: &Happenings,
    poisoned: &mut u64,
) -> Outcome {
    let begun = journal::now();
    match fault {
        ServerFault::Kill { server, down } => kill(servers, *server, *down).await?,
        ServerFault::KillLeader { down } => {
            let leader = servers.leader().await?;
            kill(servers, leader, *down).await?;
        }
        ServerFault::KillAll { down } => {
            for index in 0..servers.count() {
                servers.get(index).kill()?;
            }
            tokio::time::sleep(*down).await;
            for index in 0..servers.count() {
                servers.restart(index).await?;
            }
        }
        ServerFault::Freeze { server, still } => freeze(servers, *server, *still).await?,
        ServerFault::FreezeLeader { still } => {
            let leader = servers.leader().await?;
            freeze(servers, leader, *still).await?;
        }
        ServerFault::Terminate { server, down } => {
            // One that does not end in time is killed by its restart.
            let _ = servers.get(*server).terminate().await;
            tokio::time::sleep(*down).await;
            servers.restart(*server).await?;
        }
        ServerFault::LameDuck { server } => {
            let duck = servers.get(*server);
            duck.lame_duck()?;
            let _ = tokio::time::timeout(LEAVING, duck.stopped()).await;
            servers.restart(*server).await?;
        }
        ServerFault::Wipe { server } => {
            servers.get(*server).kill()?;
            // Every word that it had sent is read by now.
            tokio::time::sleep(UNREAD).await;
            if servers.count() == 1 {
                Journal::open(&happenings.folder().join(WIPES))?.note(Entry::Wiped);
            }
            servers.restart_empty(*server).await?;
        }
        ServerFault::Deny { .. } if !servers.can_reload() => {}
        ServerFault::Deny { what, lasts } => {
            servers.deny(Some(*what)).await?;
            tokio::time::sleep(*lasts).await;
            servers.deny(None).await?;
        }
        ServerFault::DeleteConsumer { reader } => witness.delete_consumer(*reader).await?,
        ServerFault::Terminated { reader } => {
            termination::terminate(*reader, &servers.urls(), happenings.folder()).await?;
        }
        ServerFault::Poison { kind } => {
            *poisoned += 1;
            poison::store(*kind, *poisoned, &servers.urls(), happenings.folder()).await?;
        }
    }
    happenings.ended(Interval { kind: fault.kind(), begun, ended: journal::now() });
    // Or what is killed next may be the last that was well.
    servers.ready().await?;
    Ok(())
}

async fn kill(servers: &mut Servers, index: usize, down: Duration) -> io::Result<()> {
    servers.get(index).kill()?;
    tokio::time::sleep(down).await;
    servers.restart(index).await
}

async fn freeze(servers: &mut Servers, index: usize, still: Duration) -> io::Result<()> {
    servers.get(index).freeze()?;
    tokio::time::sleep(still).await;
    servers.get(index).thaw()
}

/// Brings about a fault of a process, which the fleet ends.
pub(crate) async fn process(fault: &ProcessFault, fleet: &Mutex<Fleet>) -> Outcome {
    let mut fleet = fleet.lock().await;
    match *fault {
        ProcessFault::KillPublisher(number) => fleet.kill_one(true, number),
        ProcessFault::KillHandler(number) => fleet.kill_one(false, number),
        ProcessFault::StopHandler(number) => fleet.stop_one(number),
        ProcessFault::FreezeHandler(number, still) => fleet.freeze_one(number, still),
    }
}
