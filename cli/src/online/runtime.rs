//! Runs what has to wait for a server, until it is done or the process is told to end.

use tokio::sync::watch;

use crate::failure::Failure;

/// Waits for the work, or fails when the process is told to end: what was done until then stays.
pub(crate) fn wait<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    to_the_end(async |mut interruption| {
        tokio::select! {
            biased;
            () = interruption.told() => Err(Failure::new("interrupted")
                .help("what was done stays, and it can be run again")),
            done = work => done,
        }
    })
}

/// Waits for work that ends by itself, in good order, when the process is told to end. Told a second time, it does not wait any
/// longer, and the work ends where it stands.
pub(crate) fn to_the_end<T>(
    work: impl AsyncFnOnce(Interruption) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|error| Failure::new(format!("nothing can be waited for: {error}")))?;
    runtime.block_on(async {
        let interruption = Interruption::listen().await;
        let mut again = interruption.clone();
        tokio::select! {
            biased;
            done = work(interruption) => done,
            () = again.reached(2) => Err(Failure::new("interrupted twice: it was ended where it stood")),
        }
    })
}

/// Being told to end, and how often: once it has happened, everybody who has a copy knows.
#[derive(Clone, Debug)]
pub(crate) struct Interruption(watch::Receiver<u32>);

impl Interruption {
    /// Listens from now on, before anything is done.
    async fn listen() -> Self {
        let (tell, told) = watch::channel(0);
        tokio::spawn(async move {
            loop {
                tidings::shutdown_signal().await;
                tell.send_modify(|times| *times += 1);
            }
        });
        tokio::task::yield_now().await;
        Self(told)
    }

    /// Returns once it has happened.
    pub(crate) async fn told(&mut self) {
        self.reached(1).await;
    }

    async fn reached(&mut self, times: u32) {
        if self.0.wait_for(|told| *told >= times).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
