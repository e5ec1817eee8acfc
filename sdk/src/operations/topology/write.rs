//! Writes streams and consumers as a catalog wants them, over what is there.

use serde_json::Value;

use super::desired::{
    Desired, MARK, WantedConsumer, WantedStream, set_filters, set_metadata, texts,
};
use super::recreate::Obstacle;
use super::{Difference, copy, recreate};
use crate::broker::jetstream::{Creation, JetStream, Settings};
use crate::{BrokerError, resilience::retry};

/// Writes to a server for a catalog.
#[derive(Clone, Copy)]
pub(super) struct Write<'a> {
    pub(super) server: &'a JetStream,
    pub(super) desired: &'a Desired,
}

impl Write<'_> {
    /// With what it held, where somebody was about to make it anew and has not come to the end. False where somebody else was here
    /// first.
    pub(super) async fn create_stream(&self, wanted: &WantedStream) -> Result<bool, Obstacle> {
        let copy = copy::name_of(&wanted.name);
        let copy = retry::reaching(|| self.server.stream_info(&copy)).await?;
        if copy.is_some_and(|copy| copy::copied(&copy.settings) == Some(wanted.name.as_str())) {
            copy::stream(self, wanted, None).await?;
            return Ok(true);
        }
        let settings = stream_settings(&self.desired.catalog, wanted);
        let created = retry::reaching(|| self.server.create_stream(settings.clone())).await?;
        Ok(created == Creation::Created)
    }

    /// Begins where the consumer before it had come to, where one was deleted to be made anew, by this process or by another
    /// one. False where somebody else was here first.
    pub(super) async fn create_consumer(
        &self,
        wanted: &WantedConsumer,
        from: Option<u64>,
    ) -> Result<bool, BrokerError> {
        let Self { server, desired } = self;
        let (stream, name) = (wanted.stream.as_str(), wanted.name.as_str());
        let mut settings = wanted.settings.clone();
        set_filters(&mut settings, &wanted.filters);
        set_metadata(&mut settings, MARK, Some(&desired.catalog));
        let info = retry::reaching(|| server.stream_info(stream)).await?;
        let info = info.ok_or_else(|| BrokerError::StreamMissing(stream.to_owned()))?;
        let marked = recreate::resumes_from(&info.settings, name);
        let resumes = from.into_iter().chain(marked).min();
        if let Some(from) = resumes {
            settings.insert("deliver_policy".to_owned(), "by_start_sequence".into());
            settings.insert("opt_start_seq".to_owned(), from.into());
        }
        let created = retry::reaching(|| server.create_consumer(stream, settings.clone())).await?;
        if resumes.is_some() {
            recreate::mark(server, stream, name, None).await?;
        }
        Ok(created == Creation::Created)
    }

    /// Changes what differs, and nothing else.
    pub(super) async fn update_stream(
        &self,
        name: &str,
        changes: &[&Difference],
    ) -> Result<(), BrokerError> {
        // As late as possible: others write too.
        let info = retry::reaching(|| self.server.stream_info(name)).await?;
        let mut settings =
            info.ok_or_else(|| BrokerError::StreamMissing(name.to_owned()))?.settings;
        for change in changes {
            overlay(&mut settings, change);
        }
        retry::reaching(|| self.server.update_stream(settings.clone())).await
    }

    /// The same of a consumer.
    pub(super) async fn update_consumer(
        &self,
        stream: &str,
        name: &str,
        changes: &[&Difference],
    ) -> Result<(), BrokerError> {
        let info = retry::reaching(|| self.server.consumer_info(stream, name)).await?;
        let info = info.ok_or_else(|| BrokerError::ConsumerMissing {
            stream: stream.to_owned(),
            consumer: name.to_owned(),
        })?;
        let mut settings = info.settings;
        for change in changes {
            overlay(&mut settings, change);
        }
        retry::reaching(|| self.server.update_consumer(stream, settings.clone())).await
    }
}

/// A stream of a catalog that does not exist yet.
pub(super) fn stream_settings(catalog: &str, wanted: &WantedStream) -> Settings {
    let mut settings = wanted.settings.clone();
    settings.insert("subjects".to_owned(), wanted.subjects.as_slice().into());
    set_metadata(&mut settings, MARK, Some(catalog));
    settings
}

/// Puts what is wanted in the place of what is.
fn overlay(settings: &mut Settings, change: &Difference) {
    let Some(key) = change.setting.as_deref() else { return };
    match (key, &change.wanted) {
        ("filters", wanted) => set_filters(settings, &texts(Some(wanted))),
        (key, wanted) if key.starts_with("tidings.") => {
            set_metadata(settings, key, wanted.as_str());
        }
        (key, Value::Null) => _ = settings.remove(key),
        (key, wanted) => _ = settings.insert(key.to_owned(), wanted.clone()),
    }
}
