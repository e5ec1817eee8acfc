use tidings::{Config, Tidings};

use super::Outcome;

async fn figures() -> Outcome {
    use event_catalog::CATALOG;
    shown!(1);
    Ok(())
}

async fn traces() -> Outcome {
    shown!(2);
    Ok(())
}
