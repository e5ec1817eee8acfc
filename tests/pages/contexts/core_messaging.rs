use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tidings::{Tidings, Uuid};

use super::Outcome;

#[derive(Serialize, Deserialize)]
struct Seen {
    member: Uuid,
}

#[derive(Serialize, Deserialize)]
struct Card {
    name: String,
}

struct Profiles;

impl Profiles {
    async fn find(&self, member: Uuid) -> std::io::Result<Option<Card>> {
        Ok((member != Uuid::nil()).then(|| Card { name: "Ada".to_owned() }))
    }
}

async fn talk(bus: Tidings, member: Uuid) -> Outcome {
    shown!(1);
    Ok(())
}

async fn shared(core: tidings::messaging::Core) -> Outcome {
    shown!(2);
    Ok(())
}

struct Desk {
    profiles: Profiles,
}

#[tokio::test(start_paused = true)]
async fn a_question_has_an_answer_or_a_reason() -> Outcome {
    use tidings::messaging::{Json, Refusal};
    let core = Tidings::embedded().core();
    let asking = core.clone();
    let desk = Arc::new(Desk { profiles: Profiles });
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let asked = tokio::spawn(async move {
        let known = loop {
            // Until somebody listens.
            match asking.request("profile.card", Json(Uuid::now_v7())).await {
                Err(tidings::messaging::CoreError::NoResponders { .. }) => {
                    tokio::task::yield_now().await;
                }
                answered => break answered,
            }
        };
        let unknown = asking.request("profile.card", Json(Uuid::nil())).await;
        drop(end);
        (known, unknown)
    });
    shown!(3);
    let (known, unknown) = asked.await?;
    assert_eq!(known?.json::<Card>()?.name, "Ada");
    assert!(unknown.is_err_and(|error| error.to_string().contains("no such member")));
    Ok(())
}
