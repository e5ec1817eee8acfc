//! A denial that is not meant for everything on its way to the subject, from a server that is told what to say.

use std::time::Duration;

use tidings::{BrokerError, Config, PublishError, Tidings};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::fixture::{PATIENCE, courier, sent};

const INFO: &str = r#"INFO {"server_id":"S","server_name":"s","version":"2.12.0","go":"go","host":"h","port":1,"headers":true,"max_payload":1048576,"proto":1,"jetstream":true,"client_id":1}"#;

/// Lets the first publish through and denies the second; stores the first a little later.
async fn serve(connection: TcpStream) -> std::io::Result<()> {
    let (read, mut write) = connection.into_split();
    let mut lines = BufReader::new(read);
    write.write_all(format!("{INFO}\r\n").as_bytes()).await?;
    let (mut inbox, mut first) = (String::new(), None);
    let mut line = String::new();
    while lines.read_line(&mut line).await? > 0 {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        line.clear();
        match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["PING"] => write.write_all(b"PONG\r\n").await?,
            ["SUB", _, sid] => inbox = (*sid).to_owned(),
            ["HPUB", subject, reply, _, size] => {
                let mut body = vec![0; size.parse::<usize>().expect("a size") + 2];
                lines.read_exact(&mut body).await?;
                let Some(first) = &first else {
                    first = Some((*reply).to_owned());
                    continue;
                };
                let denial =
                    format!("-ERR 'Permissions Violation for Publish to \"{subject}\"'\r\n");
                write.write_all(denial.as_bytes()).await?;
                tokio::time::sleep(Duration::from_millis(100)).await;
                let stored = r#"{"stream":"PARCELS_EVENTS","seq":1}"#;
                let stored = format!("MSG {first} {inbox} {}\r\n{stored}\r\n", stored.len());
                write.write_all(stored.as_bytes()).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_let_through_is_stored_and_the_other_denied() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("nats://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(serve(connection));
        }
    });
    let bus = Tidings::connect(Config::new(url)).await.expect("a connection");
    let publisher = courier(&bus);
    let first = publisher.parcel_sent(sent("p-1", 0)).enqueue().await.expect("sent");
    let second = publisher.parcel_sent(sent("p-1", 1)).enqueue().await.expect("sent");
    let words = async { (first.await, second.await) };
    let (first, second) = tokio::time::timeout(PATIENCE, words).await.expect("words");
    assert_eq!(first.expect("stored").sequence, Some(1));
    let Err(PublishError::Rejected { source: BrokerError::Denied(reason), .. }) = second else {
        panic!("{second:?}");
    };
    assert!(reason.contains("parcels.parcel.sent"), "{reason}");
}
