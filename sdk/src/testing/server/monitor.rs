//! The server's monitoring endpoints, over plain HTTP.

use std::io;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A frozen server never answers.
const PATIENCE: Duration = Duration::from_secs(2);

/// The JSON of an endpoint such as `/varz`; an error unless it answers 200.
pub(super) async fn get(port: u16, path: &str) -> io::Result<Value> {
    let answer = timeout(PATIENCE, exchange(port, path))
        .await
        .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, format!("no answer from {path}")))??;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .ok_or_else(|| io::Error::other(format!("{path} answered no HTTP: {answer:?}")))?;
    if !head.lines().next().unwrap_or_default().contains(" 200 ") {
        return Err(io::Error::other(format!("{path} answered: {body}")));
    }
    Ok(serde_json::from_str(body)?)
}

/// HTTP/1.0: the answer comes unchunked and ends with the connection.
async fn exchange(port: u16, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}
