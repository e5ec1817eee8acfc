//! Bodies of messages, written into memory that they share.
//!
//! A message is written by one thread, and let go of by another. An allocator has more to do with memory that goes this way
//! than the writing takes, so what is written takes a part of a piece that is there already.

use std::cell::Cell;

use bytes::{Bytes, BytesMut};

/// What is longer has memory of its own.
const LONGEST: usize = 2 * 1024;
/// As long as one message is kept, so is the piece that it is a part of.
const PIECE: usize = 16 * 1024;

thread_local! {
    /// Where a body is written, as its length is not known before.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    /// What is left of a piece.
    static LEFT: Cell<BytesMut> = Cell::default();
}

/// The body that this writes behind what it is given, which is empty.
pub(crate) fn write<E>(write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<Bytes, E> {
    // Taken, as what is written may write a message of its own. A thread that ends has none any more.
    let mut scratch = SCRATCH.try_with(Cell::take).unwrap_or_default();
    scratch.clear();
    scratch.reserve(LONGEST);
    let written = write(&mut scratch);
    let body = written.map(|()| match scratch.len() {
        0..=LONGEST => copy(&scratch),
        _ => Bytes::from(std::mem::take(&mut scratch)),
    });
    // Not where something long has failed.
    if scratch.capacity() <= 2 * LONGEST {
        let _ = SCRATCH.try_with(|own| own.set(scratch));
    }
    body
}

fn copy(body: &[u8]) -> Bytes {
    let mut left = LEFT.try_with(Cell::take).unwrap_or_default();
    if left.capacity() < body.len() {
        left = BytesMut::with_capacity(PIECE);
    }
    left.extend_from_slice(body);
    let copy = left.split().freeze();
    let _ = LEFT.try_with(|own| own.set(left));
    copy
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn written(body: &[u8]) -> Bytes {
        let written = write(|to| {
            assert!(to.is_empty());
            to.extend_from_slice(body);
            Ok::<_, Infallible>(())
        });
        written.expect("infallible")
    }

    #[test]
    fn bodies_lie_behind_one_another_and_keep_what_was_written() {
        let lengths = [0, 1, 300, LONGEST, LONGEST + 1, PIECE, 7];
        let bodies: Vec<Bytes> = (0..200_u8)
            .flat_map(|byte| lengths.map(|length| written(&vec![byte; length])))
            .collect();
        for (at, body) in bodies.iter().enumerate() {
            let (byte, length) = (at / lengths.len(), lengths[at % lengths.len()]);
            assert_eq!(body.len(), length);
            assert!(body.iter().all(|own| usize::from(*own) == byte), "{at}");
        }
        let (first, second) = (written(b"first"), written(b"second"));
        assert_eq!(first.as_ptr().wrapping_add(first.len()), second.as_ptr());
    }

    #[test]
    fn what_is_written_within_another_or_fails_leaves_nothing_behind() {
        let mut inner = Bytes::new();
        let outer = write(|to| {
            to.extend_from_slice(b"before ");
            inner = written(b"within");
            to.extend_from_slice(b"behind");
            Ok::<_, Infallible>(())
        });
        assert_eq!((outer.expect("infallible"), inner), ("before behind".into(), "within".into()));
        let failed = write(|to| {
            to.extend_from_slice(b"half");
            Err("no more")
        });
        assert_eq!(failed, Err("no more"));
        assert_eq!(written(b"whole"), "whole");
    }

    #[test]
    fn what_fails_late_leaves_no_memory_behind() {
        let failed = write(|to| {
            to.resize(PIECE, b'x');
            Err("no more")
        });
        assert_eq!(failed, Err("no more"));
        let kept = SCRATCH.take();
        assert!(kept.capacity() <= 2 * LONGEST, "{} bytes", kept.capacity());
    }
}
