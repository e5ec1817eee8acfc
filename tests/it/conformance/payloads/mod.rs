//! Large payloads: what the wire sees, and what handlers do not.

mod compressed;
mod put_aside;

use tidings::{ContentMode, Handled, Tidings};
use tokio::sync::mpsc;

use super::{dead_letters, on_both_brokers, too_old};
use crate::fixture::catalog::{courier, papers, photos, tracking};

/// Hands on what it is given, or fails.
pub(crate) struct Shelf<E> {
    seen: mpsc::UnboundedSender<E>,
    fails: bool,
}

impl<E> Shelf<E> {
    fn take(&self, event: E, cx: &tracking::Context) -> Handled {
        assert!(!cx.envelope().extensions.contains_key("dataref"), "handlers do not see it");
        let _ = self.seen.send(event);
        match self.fails {
            true => Err(tidings::Reject::because("no room on the shelf"))?,
            false => Ok(()),
        }
    }
}

impl tracking::Papers for Shelf<papers::PaperFiled> {
    async fn paper_filed(&self, event: papers::PaperFiled, cx: &tracking::Context) -> Handled {
        self.take(event, cx)
    }
}

impl tracking::Photos for Shelf<photos::PhotoTaken> {
    async fn photo_taken(&self, event: photos::PhotoTaken, cx: &tracking::Context) -> Handled {
        self.take(event, cx)
    }
}

pub(crate) fn shelf<E>(fails: bool) -> (Shelf<E>, mpsc::UnboundedReceiver<E>) {
    let (seen, sightings) = mpsc::unbounded_channel();
    (Shelf { seen, fails }, sightings)
}

fn publisher(bus: &Tidings, mode: ContentMode) -> courier::Publisher {
    let publisher = tidings::Publisher::<courier::Service>::new(bus).organization("acme");
    courier::Publisher::from(publisher.content_mode(mode))
}

/// A paper of so many bytes, which compress well: words, numbers and what lies between them.
fn paper(bytes: usize, step: u64) -> papers::PaperFiled {
    let words =
        (0_u64..).flat_map(|n| format!("{} kg of item {n}; ", n * 7919 % 1000).into_bytes());
    let text = String::from_utf8(words.take(bytes).collect()).expect("ASCII");
    papers::PaperFiled { paper_id: "d-1".to_owned(), step, text }
}

/// Text that compresses to three quarters of it at best.
pub(crate) fn noise(bytes: usize) -> String {
    let mut random = fastrand::Rng::with_seed(bytes as u64);
    std::iter::repeat_with(|| random.alphanumeric()).take(bytes).collect()
}
