//! Files of events: a CloudEvent in JSON a line.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

use crate::broker::StoredMessage;
use crate::message::envelope::{Attributes as _, Envelope};
use crate::message::headers::Headers;

/// Where the event lay in its stream, as extensions of the CloudEvent.
const STREAM: &str = "natsstream";
const SUBJECT: &str = "natssubject";
const SEQUENCE: &str = "natssequence";
const TIME: &str = "natstime";

/// Lines that are read at once.
const AT_ONCE: usize = 256;

/// Appends an event as a line. JSON knows line breaks only between its tokens, where a space is as good.
pub(super) fn append(
    buffer: &mut Vec<u8>,
    stream: &str,
    message: &StoredMessage,
    envelope: &Envelope,
    data: &str,
) -> serde_json::Result<()> {
    let (sequence, time) = (message.sequence.to_string(), message.time.to_string());
    let place =
        [(STREAM, stream), (SUBJECT, &message.subject), (SEQUENCE, &sequence), (TIME, &time)];
    let known = |name: &str| place.iter().any(|(own, _)| *own == name);
    buffer.push(b'{');
    let mut member = |name: &str, value: &str| -> serde_json::Result<()> {
        serde_json::to_writer(&mut *buffer, name)?;
        buffer.push(b':');
        serde_json::to_writer(&mut *buffer, value)?;
        buffer.push(b',');
        Ok(())
    };
    envelope.each(|name, value| match known(name) {
        true => Ok(()),
        false => member(name, &value.to_text()),
    })?;
    for (name, value) in place {
        member(name, value)?;
    }
    buffer.extend_from_slice(b"\"data\":");
    let line_break = |byte| matches!(byte, b'\n' | b'\r');
    buffer.extend(data.bytes().map(|byte| if line_break(byte) { b' ' } else { byte }));
    buffer.extend_from_slice(b"}\n");
    Ok(())
}

/// A file that is written.
#[derive(Debug)]
pub(super) struct Writer {
    file: File,
    pub(super) bytes: u64,
}

impl Writer {
    /// A new file, or what a checkpoint knows of an old one: what was written after it is written again.
    pub(super) fn open(path: &Path, resumed: Option<u64>) -> io::Result<Self> {
        let Some(bytes) = resumed else {
            return Ok(Self { file: File::create_new(path)?, bytes: 0 });
        };
        let mut file = OpenOptions::new().write(true).open(path)?;
        if file.metadata()?.len() < bytes {
            return Err(io::Error::other("it is shorter than its checkpoint says"));
        }
        file.set_len(bytes)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self { file, bytes })
    }

    pub(super) fn write(&mut self, buffer: &[u8]) -> io::Result<()> {
        self.file.write_all(buffer)?;
        self.bytes += buffer.len() as u64;
        Ok(())
    }
}

/// A file that is read.
#[derive(Debug)]
pub(super) struct Reader {
    file: BufReader<File>,
    line: u64,
}

impl Reader {
    /// The lines behind one.
    pub(super) fn open(path: &Path, behind: u64) -> io::Result<Self> {
        let mut reader = Self { file: BufReader::new(File::open(path)?), line: 0 };
        let mut skipped = Vec::new();
        while reader.line < behind && reader.file.read_until(b'\n', &mut skipped)? > 0 {
            reader.line += 1;
            skipped.clear();
        }
        if reader.line < behind {
            let words = format!("it has {} lines, its checkpoint says {behind}", reader.line);
            return Err(io::Error::other(words));
        }
        Ok(reader)
    }

    /// The next lines with their numbers; none at the end.
    pub(super) fn read(&mut self) -> io::Result<Vec<(u64, StoredMessage)>> {
        let mut lines = Vec::new();
        while lines.len() < AT_ONCE {
            let mut line = Vec::new();
            if self.file.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            self.line += 1;
            if !line.trim_ascii().is_empty() {
                lines.push((self.line, message(self.line, line)));
            }
        }
        Ok(lines)
    }
}

/// The message that a line was; where it does not say, its number is its sequence.
fn message(number: u64, line: Vec<u8>) -> StoredMessage {
    let members: Value = serde_json::from_slice(&line).unwrap_or_default();
    let text = |name: &str| members[name].as_str();
    StoredMessage {
        subject: text(SUBJECT).unwrap_or_default().into(),
        headers: Headers::new(),
        sequence: text(SEQUENCE).and_then(|text| text.parse().ok()).unwrap_or(number),
        time: text(TIME).and_then(|text| text.parse().ok()).unwrap_or(Timestamp::UNIX_EPOCH),
        payload: line.into(),
    }
}

/// The envelope of a line, without the place that `append` has added.
pub(super) fn strip(envelope: &mut Envelope) {
    envelope.extensions.retain(|name, _| ![STREAM, SUBJECT, SEQUENCE, TIME].contains(&&**name));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::envelope;

    fn text<'a>(data: &'a envelope::Data<'_>) -> &'a str {
        match data {
            envelope::Data::Here(text) => text,
            envelope::Data::There(claim) => panic!("it is elsewhere: {claim:?}"),
        }
    }

    #[test]
    fn a_line_is_read_back_as_the_event_that_it_was() {
        let body = br#"{"specversion":"1.0","id":"1","source":"/s","type":"a.b","majors":"1,2",
            "time":"2026-01-15T10:00:00.25Z","custom":"x\ny","partitionkey":"k",
            "data":{ "text": "a\nb",
                     "n": 1.50 }}"#;
        let received = envelope::read(&Headers::new(), body, 4096).expect("an event");
        let stored = StoredMessage {
            subject: "a.b.7".into(),
            headers: Headers::new(),
            payload: body.to_vec().into(),
            sequence: 17,
            time: "2026-01-15T10:00:01.123456789Z".parse().expect("a time"),
        };
        let data = text(&received.data);
        let mut buffer = Vec::new();
        append(&mut buffer, "A", &stored, &received.envelope, data).expect("JSON");
        assert_eq!(buffer.iter().filter(|byte| **byte == b'\n').count(), 1, "one line");

        let again = message(1, buffer);
        assert_eq!((again.subject.as_str(), again.sequence), ("a.b.7", 17));
        assert_eq!(again.time, stored.time);
        let mut back = envelope::read(&Headers::new(), &again.payload, 4096).expect("an event");
        strip(&mut back.envelope);
        assert_eq!(back.envelope, received.envelope);
        let value = |data: &str| serde_json::from_str::<Value>(data).expect("JSON");
        assert_eq!(value(text(&back.data)), value(data));
    }
}
