//! What two members do, and what comes of it.

use std::sync::Arc;
use std::time::Duration;

use event_catalog::CATALOG;
use event_catalog::user::UserAvatarUploadedContentType;
use event_catalog::user_profile::{read_models, thumbnails, welcome_mail};
use sample_program::{Running, heading, say};
use tidings::kv::BucketConfig;
use tidings::messaging::{CoreError, Json};
use tidings::{Inbox, Reason, Report, Subscription as _, Tidings, Uuid};
use user_profile::cards::{self, Card, Cards};
use user_profile::commands::{CommandError, Commands, Register, Update, UploadAvatar};
use user_profile::effects;
use user_profile::pretend::{PNG, Pretend};

/// Whose application it is.
const ORGANIZATION: &str = "acme";

/// Instances of the application, which share events and questions.
const INSTANCES: usize = 2;

/// How long to wait before looking at a card again.
const PAUSE: Duration = Duration::from_millis(10);

/// Tells the story, with all instances in this process. The operator is who looks at dead letters.
pub(crate) async fn tell(bus: &Tidings, operator: &Tidings) -> anyhow::Result<()> {
    let pretend = Arc::new(Pretend::default());
    let world = pretend.world();
    let commands = Commands::new(bus, ORGANIZATION, Arc::clone(&world.files));
    let marks = bus.ensure_bucket(&BucketConfig::new("user_profile_inbox")).await?;
    let instances: Vec<_> =
        (0..INSTANCES).map(|_| Cards::new(Arc::clone(&world.profiles))).collect();

    let mut running = Running::default();
    for cards in &instances {
        running.run(effects::run(bus, &world, Inbox::kv(marks.clone())));
        let listening = cards.listen(&bus.core()).await?;
        running.behind(|end| listening.until(end));
    }

    let told = tokio::select! {
        told = scenes(bus, operator, &commands, &pretend) => told,
        error = running.failed() => Err(error),
        () = tidings::shutdown_signal() => Err(anyhow::anyhow!("interrupted")),
    };
    let report = running.end().await;
    let (user_id, report) = (told?, report?);

    heading("Who did the work");
    let Report { handled, retried, dead_lettered, .. } = report;
    say(format_args!(
        "  {handled} events handled, {retried} failed and tried again, {dead_lettered} dead-lettered"
    ));
    for (number, cards) in (1..).zip(&instances) {
        let (answered, copies) = cards.answered();
        say(format_args!(
            "  instance {number}  {answered} questions answered, {copies} of them from a copy"
        ));
    }
    let outcome = cards::ask(&bus.core(), user_id).await;
    anyhow::ensure!(matches!(outcome, Err(CoreError::NoResponders { .. })), "somebody is there");
    say("  and now that they are gone, a question fails at once: nobody answers");
    Ok(())
}

/// Plays the scenes, and returns a member.
async fn scenes(
    bus: &Tidings,
    operator: &Tidings,
    commands: &Commands,
    pretend: &Pretend,
) -> anyhow::Result<Uuid> {
    let core = bus.core();
    let mut letters = operator.dead_letters(&CATALOG);
    // Those of earlier days are another story.
    while letters.next().await?.is_some() {}

    heading("Two register");
    pretend.fail_mails(1);
    let linus = commands.register(person("linus@example.com", "Linus Example")).await?;
    let joan = commands.register(person("joan@example.com", "Joan Example")).await?;
    let again = commands.register(person("joan@example.com", "Joan Example")).await;
    anyhow::ensure!(matches!(again, Err(CommandError::AddressTaken)), "the address was free");
    settled(bus).await?;
    say(format_args!("  {} and {} are members", short(linus), short(joan)));
    say("  a third with an address that is taken is refused, and nothing is told of it");
    let mails = pretend.mails().len();
    say(format_args!("  {mails} mails sent, one of them in a second attempt"));

    heading("Pages ask for cards");
    let before = card(bus, linus).await?;
    for _ in 0..9 {
        anyhow::ensure!(card(bus, linus).await? == before, "nothing has changed");
    }
    say(format_args!("  {}  ten times, by whichever instance is free", short(linus)));
    let unknown = cards::ask(&core, Uuid::now_v7()).await?;
    anyhow::ensure!(unknown.is_none(), "nobody is called that");
    say("  of a stranger there is none");

    heading("One changes their profile");
    let update = Update {
        full_name: Some("Linus B. Example".to_owned()),
        bio: Some("Bakes bread and writes kernels.".to_owned()),
    };
    commands.update(linus, update).await?;
    settled(bus).await?;
    // The copies are gone a moment after that.
    while card(bus, linus).await?.full_name == before.full_name {
        tokio::time::sleep(PAUSE).await;
    }
    anyhow::ensure!(pretend.words(linus).is_some_and(|words| words.contains("bread")));
    say(format_args!("  {}  the card is a new one, on every instance", short(linus)));
    say(format_args!("  {}  and is found by what is new in it", short(linus)));

    heading("Both upload pictures");
    commands.upload_avatar(linus, png(&[PNG, b"a face"].concat())).await?;
    commands.upload_avatar(joan, png(b"no picture at all")).await?;
    settled(bus).await?;
    let files = pretend.files();
    let small =
        files.iter().filter(|key| effects::WIDTHS.iter().any(|w| key.ends_with(&format!("-{w}"))));
    say(format_args!("  {}  {} small copies of it", short(linus), small.count()));
    while card(bus, linus).await?.avatar_url.is_none() {
        tokio::time::sleep(PAUSE).await;
    }
    while let Some(letter) = letters.next().await? {
        let reason = letter.reason.map_or("for an unknown reason", Reason::as_str);
        say(format_args!("  {}  a dead letter, {reason}: {}", short(joan), letter.error));
    }

    heading("Somebody is typing");
    let mut typing = core.subscribe("user_profile.typing.*").await?;
    core.publish(format!("user_profile.typing.{linus}"), Json(linus)).await?;
    let heard = typing.next().await?.map(|message| message.json::<Uuid>()).transpose()?;
    anyhow::ensure!(heard == Some(linus), "it was somebody else");
    say(format_args!("  {}  heard by who listens, and stored nowhere", short(linus)));
    Ok(linus)
}

/// A member's card, which is there.
async fn card(bus: &Tidings, user_id: Uuid) -> anyhow::Result<Card> {
    let card = cards::ask(&bus.core(), user_id).await?;
    card.ok_or_else(|| anyhow::anyhow!("{} has no card", short(user_id)))
}

/// Waits until everything is announced and handled.
async fn settled(bus: &Tidings) -> anyhow::Result<()> {
    bus.flush().await;
    for subscription in [
        welcome_mail::Subscription::SPEC,
        read_models::Subscription::SPEC,
        thumbnails::Subscription::SPEC,
    ] {
        bus.idle(subscription).await?;
    }
    Ok(())
}

fn person(email: &str, full_name: &str) -> Register {
    Register { email: email.to_owned(), full_name: full_name.to_owned() }
}

fn png(file: &[u8]) -> UploadAvatar {
    UploadAvatar { file: file.to_vec(), content_type: UserAvatarUploadedContentType::ImagePng }
}

/// The end of an id, which says nothing of anybody.
fn short(user_id: Uuid) -> String {
    let id = user_id.simple().to_string();
    format!("…{}", &id[id.len() - 4..])
}
