//! Which handler an event goes to, by its version.

use super::dispatch_error::{DispatchError, Unfit};
use crate::message::envelope::Envelope;
use crate::message::personal::{PersonalField, without_values};
use crate::{EventSpec, Version};

/// What is to be done with an event of a known type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    /// The handler of this index takes it, upcast where its version is older than the handler's.
    Take(usize),
    /// The same fact comes, or came, in another version that the subscription takes instead.
    Skip,
    /// No handler takes it.
    Refuse,
}

/// The course of an event that was published in `version` and, where these are several, in `majors`.
///
/// `handled` are the versions that the subscription's handlers of the event take. A fact in several versions is taken
/// once: in the newest that a handler is for, else in the newest that can be upcast for one. Where there is none, one copy
/// alone is refused, so that the fact is known to be unhandled.
///
/// A copy that an instance has `begun` with before is not skipped where it can be taken: that instance may have been of
/// another version, for which this was the copy to take, and have let go of the others.
fn course(
    handled: &[&'static EventSpec],
    version: Option<Version>,
    majors: &[u16],
    begun: bool,
) -> Course {
    let newest = || (0..handled.len()).max_by_key(|at| handled[*at].version);
    let Some(version) = version else {
        return newest().map_or(Course::Refuse, Course::Take);
    };
    let own = |major: u16| handled.iter().position(|spec| spec.version.major == major);
    // The nearest, so that as little as possible has to be made up.
    let upcast = |major: u16| {
        let reaching = (0..handled.len()).filter(|at| handled[*at].reaches(major));
        reaching.min_by_key(|at| handled[*at].version)
    };
    let taken = own(version.major).or_else(|| upcast(version.major));
    if majors.contains(&version.major) && !(begun && taken.is_some()) {
        let newest =
            |fits: &dyn Fn(u16) -> bool| majors.iter().copied().filter(|major| fits(*major)).max();
        let chosen = newest(&|major| own(major).is_some())
            .or_else(|| newest(&|major| upcast(major).is_some()))
            .or_else(|| newest(&|_| true));
        if chosen != Some(version.major) {
            return Course::Skip;
        }
    }
    taken.map_or(Course::Refuse, Course::Take)
}

/// The one of `all` that an event goes to: of its type, and for its version. None where the event is to be let go.
pub(crate) fn route<'r, T>(
    all: &'r [T],
    spec: impl Fn(&T) -> &'static EventSpec,
    envelope: &Envelope,
    begun: bool,
) -> Result<Option<&'r T>, DispatchError> {
    let event_type = envelope.event_type.as_str();
    let own = all.iter().find(|one| {
        let spec = spec(one);
        spec.event_type == event_type
            && envelope.schema_version.is_some_and(|it| it.major == spec.version.major)
    });
    if own.is_some() && envelope.majors.is_empty() {
        return Ok(own);
    }
    let known: Vec<&T> = all.iter().filter(|one| spec(one).event_type == event_type).collect();
    let handled: Vec<&EventSpec> = known.iter().map(|one| spec(one)).collect();
    match course(&handled, envelope.schema_version, &envelope.majors, begun) {
        Course::Take(index) => Ok(Some(known[index])),
        Course::Skip => Ok(None),
        Course::Refuse => Err(match (handled.first(), envelope.schema_version) {
            (Some(spec), Some(version)) => {
                let expected: Vec<String> =
                    handled.iter().map(|spec| format!("{}.x", spec.version.major)).collect();
                let (event_type, expected) = (spec.event_type, expected.join(" or "));
                DispatchError::OtherVersion { event_type, version, expected }
            }
            _ => DispatchError::UnknownEvent(event_type.to_owned()),
        }),
    }
}

/// Where an event of this type holds personal data, in the version in which it was published.
pub(crate) fn personal(
    specs: impl Iterator<Item = &'static EventSpec>,
    envelope: &Envelope,
) -> &'static [PersonalField] {
    let version = envelope.schema_version;
    let published = specs.filter(|spec| {
        spec.event_type == envelope.event_type
            && version.is_none_or(|version| version.major == spec.version.major)
    });
    published.max_by_key(|spec| spec.version).map_or(&[], |spec| spec.personal)
}

/// Reads the payload of an event that goes to `spec`, upcast where it was published in an older version.
pub(crate) fn read<T>(
    spec: &'static EventSpec,
    envelope: &Envelope,
    data: &str,
    decode: impl FnOnce(&str) -> Result<T, Unfit>,
) -> Result<T, DispatchError> {
    let published = envelope.schema_version.unwrap_or(spec.version);
    let undecodable = |error| {
        let (event_type, source) = (spec.event_type, without_values(spec, error));
        DispatchError::Payload { event_type, version: published, source }
    };
    if published.major == spec.version.major {
        return decode(data).map_err(|unfit| match unfit {
            Unfit::Undecodable(source) => undecodable(source),
            Unfit::Invalid(invalid) => DispatchError::Invalid(invalid),
        });
    }
    let payload = serde_json::from_str(data).map_err(undecodable)?;
    let payload = spec.upcast(published, payload)?;
    decode(&payload.to_string()).map_err(|unfit| match unfit {
        Unfit::Undecodable(error) => spec.unread(published, without_values(spec, error)).into(),
        Unfit::Invalid(invalid) => spec.unread(published, invalid).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upcast::Link;

    static V1: EventSpec = spec(1);
    static TO_2: Link = Link::declared_from(&V1, &[]);
    static V2: EventSpec = spec(2).with_upcast(&TO_2);
    static TO_3: Link = Link::declared_from(&V2, &[]);
    static V3: EventSpec = spec(3).with_upcast(&TO_3);
    /// Without a link to those before it.
    static V4: EventSpec = spec(4);

    const fn spec(major: u16) -> EventSpec {
        EventSpec::new("a.b", Version::new(major, 1), "urn:a", "A", "a.b", &[])
    }

    #[test]
    fn a_version_goes_to_its_own_handler_or_to_the_nearest_newer_one() {
        use Course::{Refuse, Take};
        for (handled, major, expected) in [
            (vec![&V1], 1, Take(0)),
            (vec![&V1], 2, Refuse),
            (vec![&V2], 1, Take(0)),
            (vec![&V3], 1, Take(0)),
            (vec![&V3, &V2], 1, Take(1)),
            (vec![&V3, &V1], 1, Take(1)),
            (vec![&V4], 1, Refuse),
            (vec![&V4, &V3], 2, Take(1)),
        ] {
            let version = Some(Version::new(major, 9));
            assert_eq!(course(&handled, version, &[], false), expected, "{major} for {handled:?}");
        }
        assert_eq!(course(&[&V1, &V3, &V2], None, &[], false), Take(1), "no version: the newest");
    }

    #[test]
    fn a_fact_in_several_versions_is_taken_once() {
        for (handled, majors, taken) in [
            (vec![&V1], [1, 2], Some(1)),
            (vec![&V2], [1, 2], Some(2)),
            (vec![&V1, &V2], [1, 2], Some(2)),
            (vec![&V3], [1, 2], Some(2)),
            (vec![&V2], [1, 9], Some(1)),
            (vec![&V1], [1, 9], Some(1)),
            (vec![&V1], [2, 3], None),
            (vec![&V4], [1, 2], None),
        ] {
            let courses =
                majors.map(|major| course(&handled, Some(Version::new(major, 0)), &majors, false));
            for (major, course) in majors.into_iter().zip(courses) {
                let expected = match taken {
                    Some(taken) if taken == major => Course::Take(course_index(course)),
                    // The newest stands for all where none can be taken.
                    None if majors.iter().max() == Some(&major) => Course::Refuse,
                    _ => Course::Skip,
                };
                assert_eq!(course, expected, "{major} of {majors:?} for {handled:?}");
            }
        }
    }

    #[test]
    fn a_copy_that_was_begun_with_is_not_skipped_where_it_can_be_taken() {
        for (handled, version, expected) in [
            (&V2, 1, Course::Take(0)),
            (&V2, 2, Course::Take(0)),
            (&V1, 1, Course::Take(0)),
            (&V1, 2, Course::Skip),
        ] {
            let version = Some(Version::new(version, 0));
            assert_eq!(course(&[handled], version, &[1, 2], true), expected, "{version:?}");
        }
    }

    fn course_index(course: Course) -> usize {
        match course {
            Course::Take(index) => index,
            Course::Skip | Course::Refuse => usize::MAX,
        }
    }

    #[test]
    fn a_list_without_the_own_version_says_nothing() {
        assert_eq!(course(&[&V1], Some(Version::new(1, 0)), &[2, 3], false), Course::Take(0));
    }
}
