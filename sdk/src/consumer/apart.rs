//! Which handlers get a task of their own before their first step: those that keep the thread for long.

use std::time::Duration;

/// To begin with a delivery, its handler's first step included, may take so long while others wait: several times what a task
/// costs, which gains nothing where no processor is idle. What it takes beyond that adds up, and what others take less pays it
/// off.
const SHORT: Duration = Duration::from_micros(20);
/// And so long whoever waits. From this sum on, the next ones get tasks.
const LONG: Duration = Duration::from_millis(1);
/// Of what a single one takes beyond its bound, no more than this adds up, or than this part where that is more: one alone may
/// have waited for the processor itself, for some milliseconds.
const SINGLE: Duration = Duration::from_micros(50);
const PART: u32 = 5;
/// So many of them at first, and twice as many each time that it is too long again.
const FEWEST: usize = 32;
const MOST: usize = 4096;

/// Most handlers are soon done, or soon wait for something: they need no task for that.
#[derive(Debug)]
pub(super) struct Apart {
    /// By how much the steps were too long.
    beyond: Duration,
    /// So many deliveries are to get a task at once.
    left: usize,
    /// And so many the next time that it is too long.
    batch: usize,
}

impl Apart {
    pub(super) const fn new() -> Self {
        Self { beyond: Duration::ZERO, left: 0, batch: FEWEST }
    }

    /// Whether the next delivery gets a task at once.
    pub(super) fn next(&mut self) -> bool {
        let gets = self.left > 0;
        self.left = self.left.saturating_sub(1);
        gets
    }

    /// A first step took this long.
    pub(super) fn took(&mut self, time: Duration, others_wait: bool) {
        let bound = if others_wait { SHORT } else { LONG };
        self.beyond = match time.checked_sub(bound) {
            Some(more) => (self.beyond + more.min(SINGLE.max(more / PART))).min(LONG),
            None => self.beyond.saturating_sub(SHORT.saturating_sub(time)),
        };
        if time > bound && self.beyond == LONG {
            (self.left, self.batch) = (self.batch, (2 * self.batch).min(MOST));
            // Less than before makes it too much again, and still more than one that waited for the processor, as a rule.
            self.beyond = LONG / 2;
        } else if self.beyond.is_zero() {
            self.batch = FEWEST;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MICROSECOND: Duration = Duration::from_micros(1);

    /// How many of so many deliveries get a task, where each first step takes this long.
    fn tasks(apart: &mut Apart, steps: usize, time: impl Fn(usize) -> Duration) -> usize {
        let one = |step| {
            let gets = apart.next();
            if !gets {
                apart.took(time(step), true);
            }
            usize::from(gets)
        };
        (0..steps).map(one).sum()
    }

    #[test]
    fn short_steps_need_no_task_even_where_some_had_to_wait_for_the_processor() {
        let mut apart = Apart::new();
        // As long as others may have the processor at a time.
        let mostly_short = |step: usize| if step.is_multiple_of(100) { 4000 } else { 10 };
        assert_eq!(tasks(&mut apart, 10_000, |step| mostly_short(step) * MICROSECOND), 0);
    }

    #[test]
    fn a_long_one_among_short_ones_gets_tasks_where_it_comes_often() {
        let mut apart = Apart::new();
        let often_long = |step: usize| if step.is_multiple_of(20) { 5000 } else { 10 };
        let all = tasks(&mut apart, 10_000, |step| often_long(step) * MICROSECOND);
        assert!(all > 8000, "{all}");
    }

    #[test]
    fn after_a_long_one_the_next_get_tasks_and_more_and_more_while_it_goes_on() {
        for micros in [30, 100, 2000] {
            let mut apart = Apart::new();
            let all = tasks(&mut apart, 100_000, |_| micros * MICROSECOND);
            assert!(all > 98_000, "{all} of those that take {micros} µs");
        }
        let mut apart = Apart::new();
        apart.took(6 * LONG, true);
        assert_eq!(tasks(&mut apart, 1000, |_| MICROSECOND), FEWEST);
        apart.took(6 * LONG, true);
        assert_eq!(tasks(&mut apart, 1000, |_| MICROSECOND), FEWEST, "it was forgotten");
    }

    #[test]
    fn while_nobody_waits_a_step_may_take_longer() {
        let mut apart = Apart::new();
        for _ in 0..1000 {
            apart.took(100 * MICROSECOND, false);
        }
        assert!(!apart.next());
        // The last of a few does not pay for those before it.
        for _ in 0..12 {
            apart.took(500 * MICROSECOND, true);
            apart.took(500 * MICROSECOND, false);
        }
        assert!(apart.next());
        let mut apart = Apart::new();
        apart.took(4 * LONG, false);
        assert!(!apart.next(), "it may have waited for the processor");
        apart.took(4 * LONG, false);
        assert!(apart.next());
    }
}
