use super::{Outcome, samples};

struct Exposition;

impl Exposition {
    fn render(&self) -> String {
        String::new()
    }
}

#[tokio::test]
async fn it_is_a_router() -> Outcome {
    let (bus, exposition) = (samples().await, Exposition);
    shown!(1);
    assert!(router.has_routes());
    Ok(())
}
