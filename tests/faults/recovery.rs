//! How soon events are handled again after a fault.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// A fault of the servers, in microseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interval {
    pub(crate) kind: &'static str,
    pub(crate) begun: u64,
    pub(crate) ended: u64,
}

/// What followed the faults of one kind.
#[derive(Debug, Default)]
struct Figures {
    /// From the end of each fault to the next event that was handled.
    after: Vec<Duration>,
    /// The longest time without a handled event from the beginning of each to that event.
    silent: Vec<Duration>,
}

/// Figures by kind of fault.
#[derive(Debug)]
pub(crate) struct Recovery(BTreeMap<&'static str, Figures>);

impl Recovery {
    /// `handled` are the moments, in order, at which something was handled while events were published.
    pub(crate) fn of(faults: &[Interval], handled: &[u64]) -> Self {
        let mut kinds: BTreeMap<_, Figures> = BTreeMap::new();
        for fault in faults {
            let next = handled.partition_point(|at| *at < fault.ended);
            // After the last one nothing was published any more.
            let Some(recovered) = handled.get(next) else { continue };
            let first = handled.partition_point(|at| *at < fault.begun).saturating_sub(1);
            let gaps = handled[first..=next].windows(2).map(|pair| pair[1] - pair[0]);
            let figures = kinds.entry(fault.kind).or_default();
            figures.after.push(Duration::from_micros(recovered - fault.ended));
            figures.silent.push(Duration::from_micros(gaps.max().unwrap_or_default()));
        }
        Self(kinds)
    }
}

impl fmt::Display for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "recovery      in s, least, median and most, of the times until an event was handled:"
        )?;
        writeln!(
            f,
            "  {:<24}{:>5}  {:^20}  {:^20}",
            "fault", "", "since its end", "silence about it"
        )?;
        for (kind, Figures { after, silent }) in &self.0 {
            let (after, silent) = (spread(after), spread(silent));
            writeln!(f, "  {kind:<24}{:>5}  {after:^20}  {silent:^20}", self.0[kind].after.len())?;
        }
        Ok(())
    }
}

fn spread(times: &[Duration]) -> String {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let at = |index: usize| sorted.get(index).map_or(0.0, Duration::as_secs_f64);
    let last = sorted.len().saturating_sub(1);
    format!("{:.2} {:.2} {:.2}", at(0), at(last / 2), at(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_over_when_something_is_handled_after_its_end() {
        let second = |seconds: u64| seconds * 1_000_000;
        let handled = [1, 2, 7, 9, 10].map(second);
        let fault =
            |begun, ended| Interval { kind: "x", begun: second(begun), ended: second(ended) };
        let recovery = Recovery::of(&[fault(3, 6), fault(1, 1), fault(8, 11)], &handled);
        let figures = &recovery.0["x"];
        assert_eq!(figures.after, [Duration::from_secs(1), Duration::ZERO]);
        assert_eq!(figures.silent, [Duration::from_secs(5), Duration::ZERO]);
        assert_eq!(spread(&[3, 1, 2].map(Duration::from_secs)), "1.00 2.00 3.00");
    }
}
