//! Each rule is broken once: a model that sees nothing would let everything pass.

use super::{Evidence, judge};
use crate::events::{EventId, Mix, Temper};
use crate::journal::{Entry, Line};
use crate::topology::{Reader, STREAMS};

/// A run in which the first two good events of one parcel were published and handled by every reader.
struct Story {
    mix: Mix,
    ids: [String; 2],
    evidence: Evidence,
    now: u64,
}

impl Story {
    fn new() -> Self {
        Self::of("p0-0")
    }

    fn of(key: &str) -> Self {
        let mix = Mix::new(7, 1000);
        let events = (0..).map(|step| EventId { parcel: key.to_owned(), step });
        let mut good = events.filter(|event| mix.temper(event) == Temper::Good);
        let ids = [(); 2].map(|()| good.next().expect("most are good").to_string());
        let mut story = Self { mix, ids: ids.clone(), evidence: Evidence::default(), now: 0 };
        let events: Vec<EventId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        let stream = STREAMS[usize::from(events[0].is_of_pallet())];
        for (place, id) in (1..).zip(ids) {
            story.publish(Entry::Begun { id: id.clone() });
            story.evidence.stored.insert((stream, place), id.clone());
            story.publish(Entry::Stored { id });
        }
        story
    }

    /// As `new`, and handled.
    fn whole() -> Self {
        let mut story = Self::new();
        for id in story.ids.clone() {
            for reader in Reader::ALL {
                story.receive(reader, &id);
                story.handle(reader, &id);
            }
        }
        story
    }

    fn publish(&mut self, entry: Entry) {
        self.now += 1;
        self.evidence.count_publication(&Line(self.now, entry));
    }

    fn take(&mut self, entry: Entry) {
        self.now += 1;
        let line = Line(self.now, entry);
        self.evidence.count_handling(&line);
        match self.evidence.instances.as_mut_slice() {
            [] => self.evidence.instances.push(("h0".to_owned(), vec![line])),
            [(_, lines), ..] => lines.push(line),
        }
    }

    fn receive(&mut self, reader: Reader, id: &str) {
        self.take(Entry::Received { reader, id: id.to_owned(), sequence: 1, attempt: 1 });
    }

    fn handle(&mut self, reader: Reader, id: &str) {
        self.take(Entry::Handled { reader, id: id.to_owned() });
    }

    fn broken(&self) -> Vec<&'static str> {
        let mut rules: Vec<_> = judge(&self.evidence, &self.mix).iter().map(|it| it.rule).collect();
        rules.dedup();
        rules
    }
}

#[test]
fn a_run_in_order_breaks_no_rule() {
    assert_eq!(Story::whole().broken(), Vec::<&str>::new());
}

#[test]
fn what_comes_again_later_breaks_no_rule() {
    let mut story = Story::whole();
    for id in story.ids.clone() {
        for reader in Reader::ALL {
            story.receive(reader, &id);
            story.handle(reader, &id);
        }
    }
    assert_eq!(story.broken(), Vec::<&str>::new());
}

#[test]
fn an_acknowledged_event_that_is_not_stored_is_lost() {
    let mut story = Story::whole();
    story.evidence.stored.remove(&(STREAMS[0], 2));
    assert_eq!(story.broken(), ["an acknowledged event is lost"]);
}

#[test]
fn only_what_was_acknowledged_before_a_wipe_may_be_lost_by_it() {
    let mut story = Story::new();
    story.evidence.stored.clear();
    let word = |story: &Story, at: usize| story.evidence.publications[&story.ids[at]].stored_at;
    story.evidence.wiped_at = word(&story, 1).expect("it was stored");
    assert_eq!(story.broken(), Vec::<&str>::new());
    story.evidence.wiped_at = word(&story, 0).expect("it was stored");
    assert_eq!(story.broken(), ["an acknowledged event is lost"]);
}

#[test]
fn an_uncertain_event_may_be_stored_or_not() {
    let mut story = Story::whole();
    story.publish(Entry::Begun { id: "p0-1:0".to_owned() });
    story.publish(Entry::Unknown { id: "p0-1:0".to_owned() });
    story.publish(Entry::Begun { id: "p0-2:0".to_owned() });
    assert_eq!(story.broken(), Vec::<&str>::new());
}

#[test]
fn an_event_that_is_stored_twice_is_noticed() {
    let mut story = Story::whole();
    story.evidence.stored.insert((STREAMS[0], 3), story.ids[1].clone());
    assert_eq!(story.broken(), ["an event is stored twice"]);
}

#[test]
fn an_event_that_nobody_published_is_noticed() {
    let mut story = Story::whole();
    let id = story.ids[0].replace("p0", "p9");
    for reader in Reader::ALL {
        story.handle(reader, &id);
    }
    story.evidence.stored.insert((STREAMS[0], 3), id);
    assert_eq!(story.broken(), ["nobody has published what is stored"]);
}

#[test]
fn a_refused_event_that_is_stored_is_noticed() {
    let mut story = Story::whole();
    let id = story.ids[1].clone();
    let publication = story.evidence.publications.get_mut(&id).expect("it was published");
    (publication.stored, publication.stored_at, publication.refused) = (false, None, 1);
    assert_eq!(story.broken(), ["a refused event is stored"]);
}

#[test]
fn events_that_are_stored_in_another_order_than_published_are_noticed() {
    let mut story = Story::whole();
    let [first, second] = story.ids.clone();
    story.evidence.stored = [((STREAMS[0], 1), second), ((STREAMS[0], 2), first)].into();
    // Their readers are as surprised.
    assert_eq!(
        story.broken(),
        ["the stream has events of one key in another order", "an event has overtaken"]
    );
}

#[test]
fn an_event_that_one_reader_has_not_handled_is_noticed() {
    let mut story = Story::whole();
    let handling = story.evidence.handlings.get_mut(&(Reader::Plain, story.ids[0].clone()));
    handling.expect("it was").handled = None;
    assert_eq!(story.broken(), ["an event is not handled"]);
}

#[test]
fn poison_that_is_not_among_the_dead_letters_is_noticed() {
    let mut story = Story::whole();
    story.publish(Entry::Begun { id: "poison-1".to_owned() });
    story.evidence.stored.insert((STREAMS[0], 3), "poison-1".to_owned());
    assert_eq!(story.broken(), ["a poison event is not among the dead letters"]);
}

#[test]
fn an_event_that_overtakes_is_noticed() {
    let mut story = Story::new();
    let [first, second] = story.ids.clone();
    for id in [&second, &first] {
        for reader in Reader::ALL {
            story.receive(reader, id);
            story.handle(reader, id);
        }
    }
    assert_eq!(story.broken(), ["an event has overtaken"]);
}

#[test]
fn events_of_one_key_side_by_side_in_an_instance_are_noticed() {
    let mut story = Story::whole();
    let [first, second] = story.ids.clone();
    story.receive(Reader::Lanes, &first);
    story.receive(Reader::Lanes, &second);
    assert_eq!(story.broken(), ["an event has begun beside another"]);
}

#[test]
fn a_pallet_whose_event_overtakes_in_its_partition_is_noticed() {
    let mut story = Story::of("p0-3");
    let [first, second] = story.ids.clone();
    for id in [&second, &first] {
        story.receive(Reader::Parted, id);
        story.handle(Reader::Parted, id);
    }
    assert_eq!(story.broken(), ["an event has overtaken"]);
}

#[test]
fn a_terminated_event_without_a_dead_letter_is_noticed() {
    let mut story = Story::whole();
    story.evidence.terminated.insert((Reader::Plain, 1));
    assert_eq!(story.broken(), Vec::<&str>::new(), "it was handled before");
    story.evidence.handlings.remove(&(Reader::Plain, story.ids[0].clone()));
    assert_eq!(story.broken(), ["an event is not handled"]);
}
