//! The protocol written and read by hand, on one thread: what this machine and its server allow at most.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use tidings::Uuid;
use tidings_tests::catalog::parcels::subjects;

use crate::Outcome;
use crate::measure::{Meter, Sample};
use crate::stage::{Stage, Template};

/// Bytes that are collected before they are written.
const CHUNK: usize = 32 * 1024;

/// Publishes messages with so many on their way at once, each under an id of its own.
pub(crate) async fn pipelined(stage: &Stage, events: usize, window: usize) -> Outcome<Sample> {
    let messages = messages(&stage.template, events);
    let (address, meter) = (stage.address(), stage.meter.clone());
    tokio::task::spawn_blocking(move || publish(&address, &meter, &messages, window)).await?
}

fn messages(template: &Template, events: usize) -> Vec<Vec<u8>> {
    (0..events)
        .map(|_| {
            let (headers, payload) = template.parts();
            let mut headers: HeaderMap = headers.clone();
            headers.insert(NATS_MESSAGE_ID, Uuid::now_v7().to_string());
            let mut block = String::from("NATS/1.0\r\n");
            for (name, values) in headers.iter() {
                for value in values {
                    block += &format!("{name}: {}\r\n", value.as_str());
                }
            }
            block += "\r\n";
            let (subject, head) = (subjects::PARCEL_SENT, block.len());
            let all = head + payload.len();
            let mut message =
                format!("HPUB {subject} raw.answers {head} {all}\r\n{block}").into_bytes();
            message.extend_from_slice(payload);
            message.extend_from_slice(b"\r\n");
            message
        })
        .collect()
}

fn publish(address: &str, meter: &Meter, messages: &[Vec<u8>], window: usize) -> Outcome<Sample> {
    let mut to = TcpStream::connect(address)?;
    to.set_nodelay(true)?;
    let mut from = BufReader::with_capacity(2 * CHUNK, to.try_clone()?);
    to.write_all(b"CONNECT {\"verbose\":false,\"headers\":true}\r\nSUB raw.answers 1\r\nPING\r\n")?;
    let mut line = String::new();
    while line != "PONG\r\n" {
        line.clear();
        from.read_line(&mut line)?;
    }

    let started = meter.start();
    let (mut sent, mut answered) = (0, 0);
    let mut chunk = Vec::with_capacity(2 * CHUNK);
    while answered < messages.len() {
        while let Some(message) = messages.get(sent)
            && sent - answered < window
            && chunk.len() < CHUNK
        {
            chunk.extend_from_slice(message);
            sent += 1;
        }
        to.write_all(&chunk)?;
        chunk.clear();
        let full = sent - answered == window || sent == messages.len();
        while answered < sent && (full && sent - answered > window / 2 || !from.buffer().is_empty())
            || sent == messages.len() && answered < sent
        {
            answered += usize::from(answer(&mut to, &mut from, &mut line)?);
        }
    }
    Ok(started.stop(messages.len()))
}

/// Reads what the server says; true where it is the word of a message.
fn answer(to: &mut TcpStream, from: &mut BufReader<TcpStream>, line: &mut String) -> Outcome<bool> {
    line.clear();
    from.read_line(line)?;
    if line.starts_with("PING") {
        to.write_all(b"PONG\r\n")?;
    }
    if !line.starts_with("MSG ") {
        return if line.starts_with("-ERR") || line.is_empty() {
            Err(format!("the server says {line:?}").into())
        } else {
            Ok(false)
        };
    }
    line.clear();
    from.read_line(line)?;
    if line.contains("\"error\"") || line.contains("\"duplicate\"") {
        return Err(format!("a message was not stored: {line}").into());
    }
    Ok(true)
}
