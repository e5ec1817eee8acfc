use super::Outcome;

async fn keys(bus: tidings::Tidings) -> Outcome {
    shown!(1);
    Ok(())
}
