//! A service as a process, to be told to end: it tells of each event that it begins with, and at the end what it came to.

use std::time::Duration;

use tidings::{Config, Handled, Report, Tidings};
use tidings_tests::catalog::{parcels, tracking};

struct Desk {
    takes: Duration,
}

impl tracking::Journey for Desk {
    async fn parcel_sent(&self, event: parcels::ParcelSent, _: &tracking::Context) -> Handled {
        println!("begun {}", event.step);
        tokio::time::sleep(self.takes).await;
        Ok(())
    }

    async fn parcel_arrived(&self, _: parcels::ParcelArrived, _: &tracking::Context) -> Handled {
        Ok(())
    }
}

/// Takes what the server's address is from `NATS_URL`, and from its argument how many milliseconds an event takes.
#[tokio::main]
async fn main() -> Result<Report, Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).init();
    let takes = std::env::args().nth(1).ok_or("how long an event takes, in milliseconds")?;
    let desk = Desk { takes: Duration::from_millis(takes.parse()?) };
    let bus = Tidings::connect(Config::from_env()?).await?;
    let report = bus.run(tracking::Journey::subscriber(desk)).await?;
    println!("handled {} handed_back {}", report.handled, report.handed_back);
    let closed = bus.close().await;
    if report.is_clean() {
        closed?;
    }
    Ok(report)
}
