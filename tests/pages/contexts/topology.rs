use tidings::{Config, Tidings};

use super::Outcome;

async fn start() -> Outcome {
    shown!(1);
    Ok(())
}
