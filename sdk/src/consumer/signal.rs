//! Being told to end.

/// Returns once the process is told to end: by SIGINT (Ctrl-C), or by SIGTERM where there is one.
///
/// What a [`Run`](crate::Run) waits for that is awaited as it is; for [`Run::until`](crate::Run::until) beside other things.
///
/// ```no_run
/// # async fn example(bus: tidings::Tidings, subscriber: tidings::Subscriber) -> Result<(), Box<dyn std::error::Error>> {
/// let server = tokio::spawn(async {
///     tidings::shutdown_signal().await;
///     println!("closing what is no subscriber");
/// });
/// bus.run(subscriber).until(tidings::shutdown_signal()).await?;
/// server.await?;
/// # Ok(())
/// # }
/// ```
pub async fn shutdown_signal() {
    Signals::listen().next().await;
}

/// The signals that tell a process to end. Listened to, they do not end it by themselves any more.
#[derive(Debug)]
pub(crate) struct Signals {
    #[cfg(unix)]
    terminate: Option<tokio::signal::unix::Signal>,
    #[cfg(unix)]
    interrupt: Option<tokio::signal::unix::Signal>,
}

impl Signals {
    #[cfg(unix)]
    pub(crate) fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        Self {
            terminate: signal(SignalKind::terminate()).ok(),
            interrupt: signal(SignalKind::interrupt()).ok(),
        }
    }

    #[cfg(not(unix))]
    pub(crate) fn listen() -> Self {
        Self {}
    }

    /// Returns once there is another one.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) {
        async fn one(signal: Option<&mut tokio::signal::unix::Signal>) {
            let received = match signal {
                Some(signal) => signal.recv().await,
                None => None,
            };
            if received.is_none() {
                std::future::pending::<()>().await;
            }
        }
        tokio::select! {
            () = one(self.terminate.as_mut()) => {}
            () = one(self.interrupt.as_mut()) => {}
        }
    }

    /// Returns once there is another one.
    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
