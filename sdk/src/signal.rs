//! Being told to end.

/// Returns once the process is told to end: by SIGINT (Ctrl-C), or by SIGTERM where there is one.
///
/// What a [`Run`](crate::Run) waits for that is awaited as it is; for [`Run::until`](crate::Run::until) beside other things.
pub async fn shutdown_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
