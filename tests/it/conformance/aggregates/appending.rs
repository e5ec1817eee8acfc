use tidings::aggregate::{AppendError, ExecuteError};
use tidings::{PublishError, Tidings};

use super::card::{
    CardEvent, TooLittle, cards, charged, is_too_little, issued, nobody_can_append, renamed, spent,
    too_old,
};
use crate::conformance::on_both_brokers;

on_both_brokers!(
    what_was_appended_is_there,
    of_two_who_append_one_is_told,
    events_are_appended_all_or_not_at_all,
    an_event_about_another_one_is_refused,
    what_breaks_its_schema_is_refused,
    a_decision_is_made_anew_after_a_conflict,
    a_decision_is_tried_so_many_times_and_no_more,
    one_by_one_each_expects_the_one_before,
    one_by_one_says_how_far_it_has_come,
    a_fact_in_several_versions_is_one_event,
);

async fn what_was_appended_is_there(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    let cards = cards(&bus);
    let mut card = cards.load("c-1").await.expect("readable");
    assert!(card.is_new() && card.last_sequence() == 0, "{card:?}");
    assert!(cards.append::<CardEvent>(&mut card, []).await.expect("nothing to do").is_empty());
    let word = cards.append(&mut card, [issued("c-1", "Ada")]).await.expect("appended");
    assert_eq!(word.first().and_then(|word| word.sequence), Some(1));
    cards.append(&mut card, [charged("c-1", 500)]).await.expect("appended");
    // Others are none of its business.
    let mut other = cards.load("c-2").await.expect("readable");
    cards.append(&mut other, [issued("c-2", "Grace")]).await.expect("appended");
    cards.append(&mut card, [spent("c-1", 85)]).await.expect("appended");
    assert_eq!((card.version(), card.last_sequence(), card.cents), (3, 4, 415));
    let again = cards.load("c-1").await.expect("readable");
    assert_eq!((again.version(), again.last_sequence(), again.state()), (3, 4, card.state()));
    let history = bus.history::<super::card::Card>();
    assert_eq!(history.load("c-2").await.expect("readable").holder.as_deref(), Some("Grace"));
}

async fn of_two_who_append_one_is_told(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    let cards = cards(&bus);
    let mut first = cards.load("c-1").await.expect("readable");
    let mut second = cards.load("c-1").await.expect("readable");
    cards.append(&mut first, [issued("c-1", "Ada")]).await.expect("nobody was faster");
    let error = cards.append(&mut second, [issued("c-1", "Grace")]).await.expect_err("late");
    let AppendError::Conflict { expected: 0, last: 1, .. } = error else { panic!("{error:?}") };
    assert!(second.is_new());
    cards.refresh(&mut second).await.expect("readable");
    assert_eq!((second.version(), second.holder.as_deref()), (1, Some("Ada")));
    // On another subject of the same one it is a conflict too.
    cards.append(&mut second, [charged("c-1", 10)]).await.expect("up to date");
    let error = cards.append(&mut first, [spent("c-1", 1)]).await.expect_err("late");
    assert!(matches!(error, AppendError::Conflict { expected: 1, last: 2, .. }), "{error:?}");
    assert_eq!(
        bus.history::<super::card::Card>().load("c-1").await.expect("readable").version(),
        2
    );
}

async fn events_are_appended_all_or_not_at_all(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    let cards = cards(&bus);
    let mut card = cards.load("c-1").await.expect("readable");
    let mut late = cards.load("c-1").await.expect("readable");
    let all = || [issued("c-1", "Ada"), charged("c-1", 500), spent("c-1", 85)];
    let word = cards.append(&mut card, all()).await;
    if too_old(&word) {
        assert!(cards.load("c-1").await.expect("readable").is_new());
        return;
    }
    let places: Vec<_> = word.expect("appended").iter().map(|one| one.sequence).collect();
    assert_eq!(places, [Some(1), Some(2), Some(3)]);
    let error = cards.append(&mut late, all()).await.expect_err("late");
    assert!(matches!(error, AppendError::Conflict { expected: 0, last: 3, .. }), "{error:?}");
    let now = cards.load("c-1").await.expect("readable");
    assert_eq!((now.version(), now.cents), (3, 415));
    assert_eq!((card.version(), card.state()), (3, now.state()));
}

async fn an_event_about_another_one_is_refused(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    let cards = cards(&bus);
    let mut card = cards.load("c-1").await.expect("readable");
    let events = [issued("c-1", "Ada"), issued("c-2", "Grace")];
    let error = cards.append(&mut card, events).await.expect_err("two cards");
    assert!(matches!(error, AppendError::Other { .. }), "{error:?}");
    assert!(error.to_string().contains("postage.card.c-2.issued"), "{error}");
    assert!(card.is_new() && cards.load("c-1").await.expect("readable").is_new());
    for id in ["", "a.b", "*", ">"] {
        assert!(cards.load(id).await.is_err(), "{id:?} is no token");
    }
}

async fn what_breaks_its_schema_is_refused(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    let cards = cards(&bus);
    let mut card = cards.load("c-1").await.expect("readable");
    let events = [issued("c-1", "Ada"), charged("c-1", 0)];
    let error = cards.append(&mut card, events).await.expect_err("nothing was charged");
    assert!(matches!(error, AppendError::Publish(PublishError::Invalid(_))), "{error:?}");
    assert!(cards.load("c-1").await.expect("readable").is_new());
}

async fn a_decision_is_made_anew_after_a_conflict(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    let cards = cards(&bus);
    let mut card = cards.load("c-1").await.expect("readable");
    cards.append(&mut card, [charged("c-1", 100)]).await.expect("appended");
    let mut decisions = Vec::new();
    let outcome = cards.execute("c-1", |card| {
        decisions.push(card.cents);
        if decisions.len() == 1 {
            // Somebody else spends while it is decided.
            meanwhile(cards.execute("c-1", |card| card.spend("c-1", 30)));
        }
        card.spend("c-1", 60)
    });
    assert_eq!(outcome.await.expect("there was enough").cents, 10);
    assert_eq!(decisions, [100, 70]);
    let refused = cards.execute("c-1", |card| card.spend("c-1", 11)).await;
    assert!(is_too_little(&refused), "{refused:?}");
    let unchanged = cards.execute("c-1", |_| Ok::<_, TooLittle>(Vec::<CardEvent>::new())).await;
    assert_eq!(unchanged.expect("nothing was decided").version(), 3);
}

/// Does something and waits for it where nothing can be awaited.
fn meanwhile<T: std::fmt::Debug, E: std::fmt::Debug>(
    work: impl Future<Output = Result<T, E>> + Send,
) {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build();
    std::thread::scope(|scope| {
        let work = move || {
            runtime()
                .expect("a runtime")
                .block_on(work)
                .map(drop)
                .map_err(|error| format!("{error:?}"))
        };
        scope.spawn(work).join().expect("no panic").expect("it works");
    });
}

async fn a_decision_is_tried_so_many_times_and_no_more(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    let cards = cards(&bus).attempts(1);
    let mut card = cards.load("c-1").await.expect("readable");
    cards.append(&mut card, [charged("c-1", 100)]).await.expect("appended");
    let both = futures_util::future::join_all((0..8).map(|_| {
        let cards = cards.clone();
        async move { cards.execute("c-1", |card| card.spend("c-1", 1)).await }
    }));
    let outcomes = both.await;
    let spent = outcomes.iter().filter(|outcome| outcome.is_ok()).count() as u64;
    for error in outcomes.into_iter().filter_map(Result::err) {
        let ExecuteError::Append(AppendError::Conflict { .. }) = error else {
            panic!("{error:?}");
        };
    }
    assert!(spent >= 1);
    let now = cards.load("c-1").await.expect("readable");
    assert_eq!((now.cents, now.version()), (100 - spent, 1 + spent));
}

async fn one_by_one_each_expects_the_one_before(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    let cards = cards(&bus).one_by_one();
    let mut card = cards.load("c-1").await.expect("readable");
    let mut late = cards.load("c-1").await.expect("readable");
    let events = [issued("c-1", "Ada"), charged("c-1", 500), renamed("c-1", "Grace")];
    let words = cards.append(&mut card, events).await.expect("on every server");
    assert_eq!(words.len(), 3);
    let now = cards.load("c-1").await.expect("readable");
    assert_eq!((now.version(), now.state(), now.last_sequence()), (3, card.state(), 4));
    assert_eq!(card.last_sequence(), 4);
    let events = [charged("c-1", 1), charged("c-1", 2)];
    let error = cards.append(&mut late, events).await.expect_err("late");
    assert!(matches!(error, AppendError::Conflict { expected: 0, last: 4, .. }), "{error:?}");
}

async fn one_by_one_says_how_far_it_has_come(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    let cards = cards(&bus).one_by_one();
    let mut card = cards.load("c-1").await.expect("readable");
    // The second is larger than a message may be.
    let events = [issued("c-1", "Ada"), renamed("c-1", &"x".repeat(2 << 20)), charged("c-1", 1)];
    let error = cards.append(&mut card, events).await.expect_err("two megabytes");
    let AppendError::InPart { stored: 1, all: 3, .. } = error else { panic!("{error:?}") };
    assert!(card.is_new(), "it is what it was");
    cards.refresh(&mut card).await.expect("readable");
    assert_eq!((card.version(), card.holder.as_deref()), (1, Some("Ada")));
}

async fn a_fact_in_several_versions_is_one_event(bus: Tidings) {
    if nobody_can_append(&bus).await {
        return;
    }
    let cards = cards(&bus);
    let mut card = cards.load("c-1").await.expect("readable");
    let renamed = cards.append(&mut card, [renamed("c-1", "Grace")]).await;
    if too_old(&renamed) {
        return;
    }
    renamed.expect("appended");
    assert_eq!((card.version(), card.last_sequence()), (1, 2));
    cards.append(&mut card, [charged("c-1", 5)]).await.expect("behind both");
    let now = cards.load("c-1").await.expect("readable");
    assert_eq!((now.version(), now.holder.as_deref(), now.cents), (2, Some("Grace"), 5));
}
