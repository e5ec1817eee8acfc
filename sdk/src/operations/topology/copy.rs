//! A stream that holds messages is made anew by way of a copy, in which each message keeps its sequence and its time.
//!
//! Both ways go by a mirror, which servers turn into a stream of its own since 2.12. What there is on the server says how far
//! it has come, so that whoever finds it half done goes on from there:
//!
//! | the stream | its copy | what is next |
//! |---|---|---|
//! | as it was | none | the copy is made, as a mirror |
//! | as it was | a mirror of it | the stream takes nothing any more; once the copy has all, it is deleted |
//! | gone | a mirror of it | the copy becomes a stream of its own |
//! | gone | a stream | the stream is made anew, as a mirror of the copy |
//! | a mirror of the copy | a stream | once it has all, it becomes what is wanted |
//! | as wanted | a stream | the copy is deleted |

use std::time::Duration;

use serde_json::{Value, json};

use super::desired::{MARK, WantedStream, set_metadata};
use super::recreate::{Obstacle, RESUME};
use super::write::{Write, stream_settings};
use crate::broker::jetstream::{JetStream, Settings, StreamInfo};
use crate::broker::schedule;
use crate::{BrokerError, resilience::retry};

/// In the metadata of a copy: of which stream.
const COPY_OF: &str = "tidings.copy_of";
/// How often it is looked whether a mirror has everything, and for how long one may come no further.
const PAUSE: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(60);

/// The name of a stream's copy.
pub(super) fn name_of(stream: &str) -> String {
    format!("{stream}_COPY")
}

/// The stream of which something is a copy.
pub(super) fn copied(settings: &Settings) -> Option<&str> {
    settings.get("metadata")?.get(COPY_OF)?.as_str()
}

/// Whether a stream is a mirror of another.
pub(super) fn mirrors(settings: &Settings, other: &str) -> bool {
    let mirror = settings.get("mirror").and_then(|mirror| mirror.get("name"));
    mirror.and_then(Value::as_str) == Some(other)
}

fn is_sealed(settings: &Settings) -> bool {
    settings.get("sealed") == Some(&Value::Bool(true))
}

/// Whether a copy is of no use any more: the stream is there, and has all that it is to have.
pub(super) fn is_left_over(stream: &StreamInfo, copy: &str) -> bool {
    !mirrors(&stream.settings, copy) && !is_sealed(&stream.settings)
}

/// Makes the stream anew that was created at a time, with everything that it holds; or goes on where somebody has begun to.
pub(super) async fn stream(
    write: &Write<'_>,
    wanted: &WantedStream,
    created: Option<&str>,
) -> Result<(), Obstacle> {
    let server = write.server;
    let (name, copy_name) = (wanted.name.as_str(), name_of(&wanted.name));
    let mut copies = 0;
    loop {
        let found = info(server, name).await?;
        let copy = info(server, &copy_name).await?;
        if copy.as_ref().is_some_and(|copy| copied(&copy.settings) != Some(name)) {
            return Err(refused(format!(
                "the stream `{copy_name}` is somebody else's: its copy has no other name"
            )));
        }
        match (found, copy) {
            (None, None) => return Err(BrokerError::StreamMissing(name.to_owned()).into()),
            (Some(found), None) if mirrors(&found.settings, &copy_name) => {
                return Err(refused(format!(
                    "its copy, `{copy_name}`, is gone, and it has not been made whole of it"
                )));
            }
            // Another process has come to the end of it.
            (Some(found), None) if created.is_none_or(|created| created != found.created) => {
                return Ok(());
            }
            (Some(_), None) => {
                copies += 1;
                make_copy(write, wanted, &copy_name).await?;
            }
            (Some(found), Some(_)) if mirrors(&found.settings, &copy_name) => {
                caught_up(server, &copy_name, name).await?;
                become_wanted(write, wanted).await?;
            }
            (Some(_), Some(copy)) if mirrors(&copy.settings, name) => {
                if let Given::Not { copied, of } =
                    give_up_original(write, wanted, &copy_name).await?
                {
                    // What was removed from the original meanwhile is still in its copy. Now nothing is removed any more.
                    if copies > 1 {
                        return Err(refused(format!(
                            "`{copy_name}` has {copied} messages instead of {of}"
                        )));
                    }
                    retry::reaching(|| server.delete_stream(&copy_name)).await?;
                }
            }
            (Some(found), Some(copy)) => {
                if found.last < copy.last {
                    return Err(refused(format!(
                        "somebody has created it meanwhile: what it held before is in `{copy_name}`"
                    )));
                }
                retry::reaching(|| server.delete_stream(&copy_name)).await?;
                return Ok(());
            }
            (None, Some(copy)) if mirrors(&copy.settings, name) => {
                let mut settings = copy.settings;
                settings.remove("mirror");
                settings.remove("mirror_direct");
                // One of its own that nobody publishes to: without any, it would take those of its name.
                settings.insert("subjects".to_owned(), json!([format!("_copy.{name}")]));
                retry::reaching(|| server.update_stream(settings.clone())).await?;
            }
            (None, Some(copy)) => {
                let mut settings = bare(wanted, &copy_name);
                let storage = wanted.settings.get("storage").cloned().unwrap_or_default();
                settings.insert("storage".to_owned(), storage);
                let metadata = copy.settings.get("metadata").cloned().unwrap_or_default();
                settings.insert("metadata".to_owned(), metadata);
                set_metadata(&mut settings, COPY_OF, None);
                settings.insert("name".to_owned(), name.into());
                retry::reaching(|| server.create_stream(settings.clone())).await?;
            }
        }
    }
}

async fn info(server: &JetStream, name: &str) -> Result<Option<StreamInfo>, BrokerError> {
    retry::reaching(|| server.stream_info(name)).await
}

fn refused(description: String) -> Obstacle {
    Obstacle::Broker(BrokerError::Refused { code: 0, description })
}

/// A mirror that keeps all.
fn bare(wanted: &WantedStream, of: &str) -> Settings {
    let replicas = wanted.settings.get("num_replicas").cloned();
    let settings = json!({
        "num_replicas": replicas.unwrap_or_else(|| 1.into()),
        "allow_direct": true,
        "mirror": { "name": of },
    });
    settings.as_object().cloned().unwrap_or_default()
}

/// Copies a stream that is in use. Where that does not work, nothing has happened yet.
async fn make_copy(write: &Write<'_>, wanted: &WantedStream, copy: &str) -> Result<(), Obstacle> {
    let Write { server, desired } = write;
    let name = wanted.name.as_str();
    let scheduled = schedule::filter(name);
    // Older servers leave them out of mirrors, which may come no further then.
    if !server.is_at_least(2, 15) {
        let held = retry::reaching(|| server.held(name, &scheduled)).await?;
        if held > 0 {
            return Err(Obstacle::Scheduled { events: held });
        }
    }
    let mut settings = bare(wanted, name);
    settings.insert("name".to_owned(), copy.into());
    set_metadata(&mut settings, MARK, Some(&desired.catalog));
    set_metadata(&mut settings, COPY_OF, Some(name));
    retry::reaching(|| server.create_stream(settings.clone())).await?;
    let made = async {
        caught_up(server, name, copy).await?;
        // One may have been stored meanwhile, and left out.
        let held = retry::reaching(|| server.held(name, &scheduled)).await?;
        if retry::reaching(|| server.held(copy, &scheduled)).await? < held {
            return Err(Obstacle::Scheduled { events: held });
        }
        Ok(())
    };
    let made = made.await;
    if made.is_err() {
        retry::reaching(|| server.delete_stream(copy)).await?;
    }
    made
}

/// What became of the original.
enum Given {
    Up,
    /// The copy does not have the same.
    Not {
        copied: u64,
        of: u64,
    },
}

/// Deletes the original once its copy has what it holds, and nothing else. Nothing is stored in it any more then, nor removed
/// from it: it is sealed, which no `ensure` of another process takes back.
async fn give_up_original(
    write: &Write<'_>,
    wanted: &WantedStream,
    copy: &str,
) -> Result<Given, Obstacle> {
    let Write { server, desired } = write;
    let name = wanted.name.as_str();
    caught_up(server, name, copy).await?;
    let Some(mut old) = info(server, name).await? else { return Ok(Given::Up) };
    if !is_sealed(&old.settings) {
        old.settings.insert("sealed".to_owned(), true.into());
        retry::reaching(|| server.update_stream(old.settings.clone())).await?;
    }
    caught_up(server, name, copy).await?;
    let (Some(old), Some(mut new)) = (info(server, name).await?, info(server, copy).await?) else {
        return Ok(Given::Up);
    };
    if old.messages != new.messages {
        return Ok(Given::Not { copied: new.messages, of: old.messages });
    }
    for consumer in desired.consumers.iter().filter(|consumer| consumer.stream == name) {
        let found = retry::reaching(|| server.consumer_info(name, &consumer.name)).await?;
        // One that does not exist begins where the catalog says.
        if let Some(found) = found {
            let key = format!("{RESUME}{}", consumer.name);
            set_metadata(&mut new.settings, &key, Some(&found.unsettled_from.to_string()));
        }
    }
    retry::reaching(|| server.update_stream(new.settings.clone())).await?;
    retry::reaching(|| server.delete_stream(name)).await?;
    Ok(Given::Up)
}

/// Makes a mirror the stream that is wanted.
async fn become_wanted(write: &Write<'_>, wanted: &WantedStream) -> Result<(), Obstacle> {
    let Write { server, desired } = write;
    let Some(mirror) = info(server, &wanted.name).await? else { return Ok(()) };
    let mut settings = mirror.settings;
    settings.remove("mirror");
    settings.remove("mirror_direct");
    let mut own = stream_settings(&desired.catalog, wanted);
    own.remove("metadata");
    settings.extend(own);
    set_metadata(&mut settings, MARK, Some(&desired.catalog));
    retry::reaching(|| server.update_stream(settings.clone())).await?;
    Ok(())
}

/// Returns once a mirror has come as far as its origin.
async fn caught_up(server: &JetStream, origin: &str, mirror: &str) -> Result<(), Obstacle> {
    let (mut seen, mut patience) = (0, PATIENCE);
    loop {
        let (Some(origin), Some(copy)) = (info(server, origin).await?, info(server, mirror).await?)
        else {
            // Somebody else goes on with it.
            return Ok(());
        };
        if copy.last >= origin.last {
            return Ok(());
        }
        if copy.last > seen {
            (seen, patience) = (copy.last, PATIENCE);
        }
        if patience.is_zero() {
            let (has, of) = (copy.last, origin.last);
            return Err(refused(format!("`{mirror}` has come to {has} of {of}, and no further")));
        }
        tokio::time::sleep(PAUSE).await;
        patience = patience.saturating_sub(PAUSE);
    }
}
