//! Stores messages that no client library would send.

use std::path::Path;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::Outcome;
use crate::journal::{Entry, Journal};
use crate::schedule::Poison;
use crate::topology::SUBJECT;

/// How long one server may take for its answer, and how long all may be asked.
const ANSWER: Duration = Duration::from_secs(3);
const PATIENCE: Duration = Duration::from_secs(60);

/// The journal of what is stored here.
pub(crate) const JOURNAL: &str = "poison.journal";

/// Stores one message, once.
pub(crate) async fn store(kind: Poison, number: u64, urls: &[String], folder: &Path) -> Outcome {
    let id = format!("poison-{number}");
    let journal = Journal::open(&folder.join(JOURNAL))?;
    journal.note(Entry::Begun { id: id.clone() });
    let begun = Instant::now();
    for url in urls.iter().cycle() {
        match tokio::time::timeout(ANSWER, publish(url, kind, &id)).await {
            Ok(Ok(())) => {
                journal.note(Entry::Stored { id });
                return Ok(());
            }
            Ok(Err(error)) if begun.elapsed() > PATIENCE => return Err(error),
            Err(_) if begun.elapsed() > PATIENCE => break,
            Ok(Err(_)) | Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    Err(format!("{id} could not be stored within {PATIENCE:?}").into())
}

async fn publish(url: &str, kind: Poison, id: &str) -> Outcome {
    let mut headers = format!("NATS/1.0\r\nNats-Msg-Id: {id}\r\n").into_bytes();
    headers.extend_from_slice(match kind {
        Poison::Undecodable => b"",
        Poison::CarriageReturn => b"x-note: a\rb\r\n",
        Poison::NotUtf8 => b"x-note: \xff\xfe\r\n",
        Poison::NoColon => b"x-note\r\n",
    });
    headers.extend_from_slice(b"\r\n");
    let body = b"no event";
    let (head, whole) = (headers.len(), headers.len() + body.len());
    let mut wire =
        b"CONNECT {\"verbose\":false,\"headers\":true,\"user\":\"root\",\"pass\":\"root\"}\r\n\
        SUB _INBOX.poison 1\r\n"
            .to_vec();
    wire.extend_from_slice(format!("HPUB {SUBJECT} _INBOX.poison {head} {whole}\r\n").as_bytes());
    wire.extend_from_slice(&headers);
    wire.extend_from_slice(body);
    wire.extend_from_slice(b"\r\n");
    let address = url.trim_start_matches("nats://");
    let mut stream = BufReader::new(TcpStream::connect(address).await?);
    stream.write_all(&wire).await?;
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Err("the server has closed the connection".into());
        }
        if line.starts_with("PING") {
            stream.write_all(b"PONG\r\n").await?;
        }
        if line.starts_with('{') {
            // A duplicate is as good.
            let is_stored = line.contains("\"seq\"") && !line.contains("\"error\"");
            return if is_stored { Ok(()) } else { Err(line.into()) };
        }
    }
}
