//! Work on many things, on all processors: a build script is not optimized, and a large catalog is seconds of work then.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// As much as the first thread of a program has on Linux: schemas nest, and so do those who read them.
const STACK: usize = 8 << 20;

/// What becomes of each, in their order.
pub(crate) fn map<T: Sync, R: Send>(all: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(one) = all.get(number) else { break done };
            done.push((number, work(one)));
        }
    };
    let mut done = thread::scope(|scope| {
        let others = 1..processors.min(all.len());
        // Where there can be no more threads, those that are there do the work.
        let others = others
            .map_while(|_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run).ok());
        let others: Vec<_> = others.collect();
        let mut done = run();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_are_in_the_order_of_what_they_are_of() {
        let all: Vec<usize> = (0..100).collect();
        let squares: Vec<usize> = all.iter().map(|number| number * number).collect();
        assert_eq!(super::map(&all, |number| number * number), squares);
        assert_eq!(super::map(&[] as &[usize], |number| *number), Vec::<usize>::new());
    }
}
