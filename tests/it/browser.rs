//! A real browser, driven as a person would.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, Stdio};

use fantoccini::error::CmdError;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

/// A browser without a window, and what drives it.
pub(crate) struct Browser {
    pub(crate) client: Client,
    driver: Child,
    /// Open, so that it may go on talking.
    _output: BufReader<ChildStdout>,
}

impl Browser {
    pub(crate) async fn start() -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("chromedriver: `cargo xtask tools` installs it, or says how to");
        let mut output = BufReader::new(driver.stdout.take().expect("piped"));
        // It says where it listens, once it does.
        let port = output
            .by_ref()
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| {
                line.split("on port ").nth(1)?.trim_end_matches('.').parse::<u16>().ok()
            })
            .find(|port| *port != 0)
            .expect("a port");
        // In a container nobody but root is there, who may not be kept in a sandbox; and shared memory is small.
        let options = json!({ "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"] });
        let capabilities = json!({ "browserName": "chrome", "goog:chromeOptions": options });
        let capabilities = capabilities.as_object().expect("an object").clone();
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities);
        let client = client.connect(&format!("http://127.0.0.1:{port}")).await;
        Self { client: client.expect("a browser"), driver, _output: output }
    }

    pub(crate) async fn text(&self, css: &str) -> String {
        let found = self.client.find(Locator::Css(css)).await;
        match found {
            Ok(element) => element.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    pub(crate) async fn count(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.map_or(0, |found| found.len())
    }

    pub(crate) async fn click(&self, css: &str) {
        loop {
            let element = self.client.find(Locator::Css(css)).await;
            let element = element.unwrap_or_else(|error| panic!("{css}: {error}"));
            match element.click().await {
                // The page has drawn it anew in between.
                Err(error) if error.is_stale_element_reference() => {}
                outcome => return outcome.expect("a click"),
            }
        }
    }

    /// Keeps what is seen, for whoever wants to look: in the folder that `TIDINGS_SCREENSHOTS` names.
    pub(crate) async fn keep(&self, name: &str) -> Result<(), CmdError> {
        if let Some(folder) = std::env::var_os("TIDINGS_SCREENSHOTS") {
            for (size, (width, height)) in [("desktop", (1280, 900)), ("phone", (390, 844))] {
                self.client.set_window_size(width, height).await?;
                let seen = self.client.screenshot().await?;
                let file = std::path::Path::new(&folder).join(format!("{name}-{size}.png"));
                std::fs::write(file, seen)?;
            }
            self.client.set_window_size(1280, 900).await?;
        }
        Ok(())
    }

    /// By how much the page is wider than the window.
    pub(crate) async fn overflow(&self) -> Result<i64, CmdError> {
        let width =
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        Ok(self.client.execute(width, Vec::new()).await?.as_i64().unwrap_or(i64::MAX))
    }

    pub(crate) async fn end(self) {
        let _ = self.client.clone().close().await;
    }
}

/// A test that fails leaves no browser behind: its driver ends it.
impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(driver) = Pid::from_raw(self.driver.id().cast_signed()) {
            let _ = kill_process(driver, Signal::TERM);
        }
        let _ = self.driver.wait();
    }
}
