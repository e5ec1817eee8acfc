//! What breaks, and when: two endless lists, one of the servers' faults and one of the processes', both made of the seed.

use std::fmt;
use std::time::Duration;

use fastrand::Rng;

use crate::roles::{Crash, Step};
use crate::topology::Reader;

/// Something that happens to servers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ServerFault {
    /// Killed, and back after a while.
    Kill { server: usize, down: Duration },
    /// The same, to the one that leads the stream of the events.
    KillLeader { down: Duration },
    /// All at once.
    KillAll { down: Duration },
    /// Stopped in its tracks: connections stay, nobody answers.
    Freeze { server: usize, still: Duration },
    /// Frozen while it leads.
    FreezeLeader { still: Duration },
    /// Asked to end, and back.
    Terminate { server: usize, down: Duration },
    /// Sends its clients away, ends, and comes back.
    LameDuck { server: usize },
    /// Killed, and back with nothing of what it had stored.
    Wipe { server: usize },
    /// Everybody loses a permission for a while.
    Deny { what: Denied, lasts: Duration },
    /// Somebody deletes the consumer of a subscription.
    DeleteConsumer { reader: Reader },
    /// Somebody terminates a delivery of a subscription.
    Terminated { reader: Reader },
    /// Somebody stores what no subscriber can read.
    Poison { kind: Poison },
}

/// A permission to lose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Denied {
    Publishing,
    Pulling,
    /// Storing dead letters.
    Burying,
}

impl Denied {
    /// The subjects to which nobody may publish.
    pub(crate) fn subjects(self) -> &'static str {
        match self {
            Self::Publishing => "parcels.>",
            Self::Pulling => "$JS.API.CONSUMER.MSG.NEXT.>",
            Self::Burying => "dlq.>",
        }
    }
}

/// A message that is no event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Poison {
    /// No JSON.
    Undecodable,
    /// A header with a bare carriage return, which panics the client library.
    CarriageReturn,
    /// A header that is not UTF-8.
    NotUtf8,
    /// A header line without a colon.
    NoColon,
}

/// Something that happens to processes. The number chooses among those there are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ProcessFault {
    KillPublisher(usize),
    KillHandler(usize),
    /// Ends in order, and is started again.
    StopHandler(usize),
    /// Longer than the server waits for an acknowledgement.
    FreezeHandler(usize, Duration),
}

/// A fault and the peace before it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Planned<F> {
    pub(crate) pause: Duration,
    pub(crate) fault: F,
}

/// The faults of the servers.
pub(crate) struct ServerFaults {
    rng: Rng,
    servers: usize,
    /// Whether a single server may lose its store.
    wipes: bool,
    deletions: u32,
}

/// The faults of the processes.
pub(crate) struct ProcessFaults(Rng);

/// When and where processes crash by themselves.
#[derive(Debug)]
pub(crate) struct Crashes(Rng);

/// How often in one run a consumer may be deleted: each time everything is handled again.
const DELETIONS: u32 = 2;

impl ServerFaults {
    pub(crate) fn new(seed: u64, servers: usize, wipes: bool) -> Self {
        Self { rng: Rng::with_seed(seed ^ 0x5e72), servers, wipes, deletions: 0 }
    }

    fn draw(&mut self) -> ServerFault {
        let rng = &mut self.rng;
        let server = rng.usize(..self.servers);
        let down = millis(rng, 100, 3000);
        let still = millis(rng, 500, 6000);
        if self.servers == 1 {
            match rng.u8(..100) {
                0..10 if self.wipes => ServerFault::Wipe { server },
                0..30 => ServerFault::Kill { server, down },
                30..45 => ServerFault::Freeze { server, still },
                45..55 => ServerFault::Terminate { server, down },
                55..63 => ServerFault::LameDuck { server },
                63..75 => ServerFault::Deny { what: denied(rng), lasts: down },
                75..80 => self.deletion(),
                80..87 => ServerFault::Terminated { reader: reader(rng) },
                _ => ServerFault::Poison { kind: poison(rng) },
            }
        } else {
            match rng.u8(..100) {
                0..35 => ServerFault::KillLeader { down },
                35..43 => ServerFault::Kill { server, down },
                43..50 => ServerFault::KillAll { down },
                50..60 => ServerFault::FreezeLeader { still },
                60..65 => ServerFault::Freeze { server, still },
                65..70 => ServerFault::Terminate { server, down },
                70..75 => ServerFault::LameDuck { server },
                75..83 => ServerFault::Deny { what: denied(rng), lasts: down },
                83..86 => self.deletion(),
                86..91 => ServerFault::Terminated { reader: reader(rng) },
                91..94 => ServerFault::Wipe { server },
                _ => ServerFault::Poison { kind: poison(rng) },
            }
        }
    }

    fn deletion(&mut self) -> ServerFault {
        let reader = [Reader::Plain, Reader::Lanes, Reader::Parted][self.rng.usize(..3)];
        self.deletions += 1;
        if self.deletions > DELETIONS {
            return ServerFault::Poison { kind: poison(&mut self.rng) };
        }
        ServerFault::DeleteConsumer { reader }
    }
}

impl Iterator for ServerFaults {
    type Item = Planned<ServerFault>;

    fn next(&mut self) -> Option<Self::Item> {
        let pause = millis(&mut self.rng, 200, 4000);
        let fault = self.draw();
        Some(Planned { pause, fault })
    }
}

impl ProcessFaults {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Rng::with_seed(seed ^ 0x9a0c))
    }
}

impl Iterator for ProcessFaults {
    type Item = Planned<ProcessFault>;

    fn next(&mut self) -> Option<Self::Item> {
        let rng = &mut self.0;
        let pause = millis(rng, 300, 4000);
        let which = rng.usize(..100);
        let fault = match rng.u8(..100) {
            0..35 => ProcessFault::KillPublisher(which),
            35..70 => ProcessFault::KillHandler(which),
            70..85 => ProcessFault::StopHandler(which),
            _ => ProcessFault::FreezeHandler(which, millis(rng, 500, 4000)),
        };
        Some(Planned { pause, fault })
    }
}

impl Crashes {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Rng::with_seed(seed ^ 0xc4a5))
    }

    /// Where the next publisher crashes, if it does.
    pub(crate) fn of_publisher(&mut self) -> Option<Crash> {
        self.among([Step::Begun, Step::Sent, Step::Stored])
    }

    /// Where the next handler crashes, if it does.
    pub(crate) fn of_handler(&mut self) -> Option<Crash> {
        self.among([Step::Received, Step::Handled, Step::Failed])
    }

    fn among(&mut self, steps: [Step; 3]) -> Option<Crash> {
        let rng = &mut self.0;
        let at = steps[rng.usize(..steps.len())];
        let after = match at {
            // Rare enough by itself.
            Step::Failed => rng.u32(..4),
            _ => rng.u32(..2000),
        };
        // Most at once; the others in the middle of what the runtime does next.
        let delay_micros = if rng.bool() { 0 } else { rng.u64(..5000) };
        (rng.u8(..3) > 0).then(|| Crash::new(at, after, delay_micros))
    }
}

fn millis(rng: &mut Rng, from: u64, to: u64) -> Duration {
    Duration::from_millis(rng.u64(from..to))
}

fn denied(rng: &mut Rng) -> Denied {
    [Denied::Publishing, Denied::Pulling, Denied::Burying][rng.usize(..3)]
}

fn reader(rng: &mut Rng) -> Reader {
    Reader::ALL[rng.usize(..Reader::ALL.len())]
}

fn poison(rng: &mut Rng) -> Poison {
    [Poison::Undecodable, Poison::CarriageReturn, Poison::NotUtf8, Poison::NoColon][rng.usize(..4)]
}

impl ServerFault {
    /// What its like have in common.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Kill { .. } => "a server killed",
            Self::KillLeader { .. } => "the leader killed",
            Self::KillAll { .. } => "all servers killed",
            Self::Freeze { .. } => "a server frozen",
            Self::FreezeLeader { .. } => "the leader frozen",
            Self::Terminate { .. } => "a server ended",
            Self::LameDuck { .. } => "a lame duck",
            Self::Wipe { .. } => "a store lost",
            Self::Deny { .. } => "a permission denied",
            Self::DeleteConsumer { .. } => "a consumer deleted",
            Self::Terminated { .. } => "a delivery terminated",
            Self::Poison { .. } => "poison stored",
        }
    }
}

impl fmt::Display for ServerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill { server, down } => write!(f, "server {server} killed for {down:?}"),
            Self::KillLeader { down } => write!(f, "the leader killed for {down:?}"),
            Self::KillAll { down } => write!(f, "all servers killed for {down:?}"),
            Self::Freeze { server, still } => write!(f, "server {server} frozen for {still:?}"),
            Self::FreezeLeader { still } => write!(f, "the leader frozen for {still:?}"),
            Self::Terminate { server, down } => write!(f, "server {server} ended for {down:?}"),
            Self::LameDuck { server } => write!(f, "server {server} a lame duck"),
            Self::Wipe { server } => write!(f, "server {server} loses its store"),
            Self::Deny { what, lasts } => write!(f, "{what:?} denied for {lasts:?}"),
            Self::DeleteConsumer { reader } => write!(f, "the consumer of {reader:?} deleted"),
            Self::Terminated { reader } => write!(f, "a delivery of {reader:?} terminated"),
            Self::Poison { kind } => write!(f, "poison stored: {kind:?}"),
        }
    }
}
