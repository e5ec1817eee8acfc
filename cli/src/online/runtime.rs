//! Runs what has to wait for a server, until it is done or the process is told to end.

use crate::failure::Failure;

/// Waits for the work, or fails when the process is told to end: what was done until then stays.
pub(crate) fn wait<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|error| Failure::new(format!("nothing can be waited for: {error}")))?;
    runtime.block_on(async {
        tokio::select! {
            biased;
            // First, so that it is listened to before anything is done.
            () = tidings::shutdown_signal() => Err(Failure::new("interrupted")
                .help("what was done stays, and it can be run again")),
            done = work => done,
        }
    })
}
