//! The application on a real server that dies in between.

use std::time::Duration;

use tidings::testing::NatsServer;
use tidings::{Config, Tidings};
use user_profile::cards::{self, Cards};

use crate::stage::Stage;

#[tokio::test]
async fn people_register_while_the_broker_is_dead_and_are_welcomed_and_known_when_it_is_back() {
    let mut server = NatsServer::start().await.expect("a server");
    let bus = Tidings::connect(Config::new(server.url())).await.expect("a connection");
    let stage = Stage::on(bus).await;
    let cards = Cards::new(stage.pretend.world().profiles);
    let core = stage.bus.core();
    let listening = cards.listen(&core).await.expect("it listens");
    tokio::spawn(listening.until(std::future::pending::<()>()));

    let ada = stage.register("Ada").await;
    stage.settled().await;
    let card = cards::ask(&core, ada).await.expect("an answer").expect("a card");
    assert_eq!(card.full_name, "Ada");

    server.kill().expect("dead");
    let grace = stage.register("Grace").await;
    server.restart().await.expect("it is there again");
    stage.bus.connected().await.expect("connected");
    stage.settled().await;
    assert_eq!(stage.pretend.mails(), ["ada@example.com", "grace@example.com"]);
    // The instance listens again as soon as its client has said so to the new server.
    let known = async {
        while !matches!(cards::ask(&core, grace).await, Ok(Some(_))) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), known).await.expect("answered in time");
    stage.end().await;
}
