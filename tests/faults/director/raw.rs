//! A connection to a server without any client library: what goes over it may be malformed.

use std::fmt::Write as _;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::Outcome;

/// Where answers come to.
const INBOX: &str = "_INBOX.raw";

#[derive(Debug)]
pub(super) struct Raw(BufReader<TcpStream>);

/// What came to the inbox.
#[derive(Debug)]
pub(super) struct Message {
    /// Where its sender wants an answer, if it does.
    pub(super) reply: Option<String>,
    /// Its headers, if there are any, and its body.
    pub(super) content: Vec<u8>,
}

impl Raw {
    /// Connects as somebody who may do everything.
    pub(super) async fn connect(url: &str) -> Outcome<Self> {
        let stream = TcpStream::connect(url.trim_start_matches("nats://")).await?;
        let mut this = Self(BufReader::new(stream));
        let connect = format!(
            "CONNECT {{\"verbose\":false,\"headers\":true,\"user\":\"root\",\"pass\":\"root\"}}\r\nSUB {INBOX} 1\r\n"
        );
        this.0.write_all(connect.as_bytes()).await?;
        Ok(this)
    }

    /// Sends something, to be answered to the inbox.
    pub(super) async fn send(&mut self, subject: &str, headers: &[u8], body: &[u8]) -> Outcome {
        let (head, whole) = (headers.len(), headers.len() + body.len());
        let mut line = String::new();
        match head {
            0 => write!(line, "PUB {subject} {INBOX} {whole}\r\n")?,
            _ => write!(line, "HPUB {subject} {INBOX} {head} {whole}\r\n")?,
        }
        let wire = [line.as_bytes(), headers, body, b"\r\n"].concat();
        self.0.write_all(&wire).await?;
        Ok(())
    }

    /// The next message that comes to the inbox.
    pub(super) async fn receive(&mut self) -> Outcome<Message> {
        let mut line = String::new();
        loop {
            line.clear();
            if self.0.read_line(&mut line).await? == 0 {
                return Err("the server has closed the connection".into());
            }
            let tokens: Vec<&str> = line.split_whitespace().collect();
            let (reply, size) = match tokens.as_slice() {
                ["PING"] => {
                    self.0.write_all(b"PONG\r\n").await?;
                    continue;
                }
                ["MSG", _, _, size] | ["HMSG", _, _, _, size] => (None, size),
                // Of a message with headers, their size stands before that of the whole.
                ["MSG", _, _, reply, size] | ["HMSG", _, _, reply, _, size] => {
                    (Some((*reply).to_owned()), size)
                }
                ["-ERR", ..] => return Err(line.into()),
                _ => continue,
            };
            let mut content = vec![0; size.parse::<usize>()? + 2];
            self.0.read_exact(&mut content).await?;
            content.truncate(content.len() - 2);
            return Ok(Message { reply, content });
        }
    }
}
