//! Both services, and those who listen, on a real server that is killed in the middle of the day.

use std::time::Duration;

use execution_ddmrp::catalog::Assortment;
use execution_ddmrp::platform::Platform;
use execution_ddmrp::proof::Proof;
use execution_ddmrp::samples::{self, MONDAY, WAREHOUSE};
use execution_ddmrp::trade::{Article, Trade};
use sample_program::Connections;
use tidings::testing::NatsServer;
use tidings::{Config, Tidings};
use tokio::time::timeout;

const ORGANIZATION: &str = "acme";
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_the_server_is_killed_in_the_middle_of_the_day() {
    let mut server = NatsServer::start().await.expect("a server");
    let bus = Tidings::connect(Config::new(server.url())).await.expect("connected");
    let folder = tempfile::tempdir().expect("a folder");
    let (platform, running) =
        Platform::start(&Connections::shared(bus), folder.path()).await.expect("started");
    let Platform { execution, ddmrp, .. } = &platform;
    let settled = || async {
        timeout(PATIENCE, platform.settled()).await.expect("in time").expect("settled");
    };
    let assortment = Assortment::of(platform.connections.operator(), ORGANIZATION);
    let supplier = samples::supplier();
    let item = samples::mug(supplier.supplier_id);
    assortment.add_supplier(supplier).await.expect("stored");
    let product_id = assortment.add(item.product).await.expect("stored");
    execution.count(ORGANIZATION, product_id, WAREHOUSE, item.stock).await.expect("counted");
    settled().await;
    let buffer = ddmrp.open_buffer(ORGANIZATION, product_id, WAREHOUSE, item.profile, MONDAY);
    buffer.await.expect("a buffer");

    let trade = Trade { execution, organization: ORGANIZATION, today: MONDAY };
    let article = Article { product_id, price: item.price };
    for number in 0..30 {
        if number == 10 {
            server.kill().expect("dead");
        }
        if number == 20 {
            server.restart().await.expect("it is there again");
        }
        let order = trade.sell(&article, 40, MONDAY).await.expect("taken in");
        trade.send(order).await.expect("sent, or out of stock");
    }
    settled().await;
    // What the planner could not ask for while the server was away has been ordered since.
    assert_ne!(trade.receive_all().await.expect("received"), 0);
    assert_eq!(trade.send_all().await.expect("sent"), 0, "orders that wait for stock");
    settled().await;

    let proof = Proof::of(&platform, ORGANIZATION).await.expect("readable");
    proof.holds().expect("nothing is lost and nothing is there twice");
    let board = ddmrp.board(ORGANIZATION).await.expect("readable");
    let on_hand = execution.on_hand(ORGANIZATION, product_id, WAREHOUSE).await.expect("readable");
    assert_eq!((board[0].net_flow.on_hand, board[0].net_flow.qualified_demand), (on_hand, 0));
    let report = running.end().await.expect("it ends well");
    assert_eq!(report.dead_lettered, 0);
}
