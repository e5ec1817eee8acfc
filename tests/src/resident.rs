//! Resident memory of processes over a stretch of time.

use std::fmt;
use std::fs;
use std::io;

/// Growth from the second quarter of a stretch to its last one that is no growth, in KiB: allocators breathe.
const SLACK: u64 = 8 * 1024;

/// Samples in KiB, at even distances.
#[derive(Clone, Debug, Default)]
pub struct Resident(Vec<u64>);

impl Resident {
    /// Takes one of a process, where the system tells it in `/proc`.
    ///
    /// # Errors
    /// The system does not tell it; the process may be gone.
    pub fn sample(&mut self, process: u32) -> io::Result<()> {
        let status = fs::read_to_string(format!("/proc/{process}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        let unknown = || io::Error::other("the system does not tell the resident memory");
        self.0.push(kib.ok_or_else(unknown)?);
        Ok(())
    }

    /// Whether it stays what it is after the first half: what is taken at the start and kept is no growth.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        self.quarter(3) <= self.quarter(1) + self.quarter(1) / 10 + SLACK
    }

    /// The medians of the four quarters, in KiB.
    #[must_use]
    pub fn quarters(&self) -> [u64; 4] {
        [0, 1, 2, 3].map(|after| self.quarter(after))
    }

    /// The medians of so many parts of one length, in KiB.
    #[must_use]
    pub fn parts(&self, count: usize) -> Vec<u64> {
        (0..count).map(|after| self.part(after, count)).collect()
    }

    /// The most of all, in KiB.
    #[must_use]
    pub fn most(&self) -> u64 {
        self.0.iter().copied().max().unwrap_or_default()
    }

    /// The median of the quarter that begins after so many quarters.
    fn quarter(&self, after: usize) -> u64 {
        self.part(after, 4)
    }

    fn part(&self, after: usize, count: usize) -> u64 {
        let length = self.0.len() / count.max(1);
        let mut part = self.0[after * length..(after + 1) * length].to_vec();
        part.sort_unstable();
        part.get(length / 2).copied().unwrap_or_default()
    }
}

impl fmt::Display for Resident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mib = |kib: u64| kib as f64 / 1024.0;
        let quarters = self.quarters().map(|kib| format!("{:.1}", mib(kib)));
        let verdict = if self.is_flat() { "flat" } else { "GROWING" };
        let most = mib(self.most());
        write!(f, "memory by quarters {} MiB, at most {most:.1}: {verdict}", quarters.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::Resident;

    #[test]
    fn memory_that_grows_is_not_flat() {
        assert!(Resident(vec![30_000; 40]).is_flat());
        // What is taken at the start and kept is no growth.
        let kept = (0..40).map(|at| if at < 5 { 9_000 } else { 40_000 });
        assert!(Resident(kept.collect()).is_flat());
        assert!(!Resident((0..40).map(|at| 30_000 + at * 1_000).collect()).is_flat());
    }

    #[test]
    fn parts_are_of_one_length() {
        let resident = Resident((0..11).collect());
        assert_eq!(resident.parts(2), [2, 7]);
        assert_eq!(resident.quarters(), [1, 3, 5, 7]);
        assert_eq!(Resident::default().parts(3), [0, 0, 0]);
    }

    #[test]
    fn this_process_has_some() {
        let mut resident = Resident::default();
        resident.sample(std::process::id()).expect("a process that lives");
        assert!(resident.most() > 0);
    }
}
