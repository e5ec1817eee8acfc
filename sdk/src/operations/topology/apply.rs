use std::collections::BTreeMap;

use super::actual::{Actual, Depth};
use super::compare::{compare, missing_buckets};
use super::desired::Desired;
use super::plan::{Action, Consent, Plan, Step};
use super::recreate::{self, Obstacle};
use super::write::Write;
use super::{Class, Difference, Object, Refusal, TopologyError};
use crate::broker::jetstream::JetStream;
use crate::{BrokerError, resilience::retry};

/// Other processes may apply at the same time. After so many looks each has what it wants, or it is not to be had.
const ROUNDS: usize = 5;
/// What is refused while another process makes the same anew may be accepted a moment later.
const ATTEMPTS: u32 = 2;

/// What came of applying a catalog.
#[derive(Debug)]
#[non_exhaustive]
pub struct Applied {
    /// What was done, in its order.
    pub done: Vec<(Object, Action)>,
    /// What the server refused.
    pub refused: Vec<Refusal>,
    /// What was found afterwards.
    pub left: Plan,
}

/// How the server is now.
pub(super) async fn survey(
    server: &JetStream,
    desired: &Desired,
    depth: Depth,
    consent: &Consent,
) -> Result<Plan, TopologyError> {
    let actual = Actual::read(server, desired, depth).await?;
    let mut differences = compare(desired, &actual);
    if depth == Depth::Server {
        differences.extend(missing_buckets(desired, &actual));
    }
    let version = server.server_version();
    if !server.is_at_least(2, 12) {
        let text = format!(
            "nats-server {version} stores no events all or nothing, nor at a later time; 2.12 does"
        );
        differences.push(Difference::new(Object::Server, Class::TooOld, text));
    }
    if !server.is_at_least(2, 14) {
        for stream in desired.streams.iter().filter(|stream| stream.bulk) {
            let text = format!(
                "takes no bulk loads, of which nats-server {version} knows nothing; 2.14 does"
            );
            let object = Object::stream(&stream.name);
            differences.push(Difference::new(object, Class::TooOld, text));
        }
    }
    Ok(Plan::new(desired, version, differences, actual, consent.clone()))
}

/// Does what may be done, and looks at the server again until nothing is left of that.
pub(super) async fn apply(
    server: &JetStream,
    desired: &Desired,
    depth: Depth,
    consent: &Consent,
) -> Result<Applied, TopologyError> {
    let mut done = Vec::new();
    let mut refused = Refused::new();
    for _ in 0..ROUNDS {
        let plan = survey(server, desired, depth, consent).await?;
        let mut steps = plan.steps();
        steps.retain(|step| step.action != Action::Leave);
        // Others may have done it.
        refused.retain(|object, _| steps.iter().any(|step| step.object == object));
        steps.retain(|step| {
            let attempts = refused.get(step.object).map_or(0, |(attempts, _)| *attempts);
            attempts < ATTEMPTS && !waits_for_refused(step.object, &refused)
        });
        if steps.is_empty() {
            return Ok(Applied { done, refused: refusals(refused), left: plan });
        }
        for step in steps {
            if waits_for_refused(step.object, &refused) {
                continue;
            }
            match carry_out(server, desired, &plan, &step).await {
                Ok(true) => {
                    refused.remove(step.object);
                    let one = (step.object.clone(), step.action);
                    if !done.contains(&one) {
                        done.push(one);
                    }
                }
                Ok(false) => {}
                // Another process is making it anew.
                Err(Obstacle::Broker(error)) if is_gone(&error) => {}
                Err(obstacle) => {
                    let refusal = Refusal::of(step.object, obstacle, desired, server).await;
                    let attempts = refused.get(step.object).map_or(0, |(attempts, _)| *attempts);
                    refused.insert(step.object.clone(), (attempts + 1, refusal));
                }
            }
        }
    }
    let left = survey(server, desired, depth, consent).await?;
    Ok(Applied { done, refused: refusals(refused), left })
}

/// How often the server has refused what, and how the last time.
type Refused = BTreeMap<Object, (u32, Refusal)>;

fn refusals(refused: Refused) -> Vec<Refusal> {
    refused.into_values().map(|(_, refusal)| refusal).collect()
}

/// Whether it is a consumer of a stream that was refused.
fn waits_for_refused(object: &Object, refused: &Refused) -> bool {
    let Object::Consumer { stream, .. } = object else { return false };
    refused.contains_key(&Object::stream(stream))
}

/// Whether what was to be changed is not there any more.
fn is_gone(error: &BrokerError) -> bool {
    match error {
        BrokerError::StreamMissing(_) | BrokerError::ConsumerMissing { .. } => true,
        // A stream or consumer to be updated does not exist.
        BrokerError::Refused { code, .. } => matches!(code, 10014 | 10059 | 10149),
        _ => false,
    }
}

/// Takes a step: false where somebody else was here first.
async fn carry_out(
    server: &JetStream,
    desired: &Desired,
    plan: &Plan,
    step: &Step<'_>,
) -> Result<bool, Obstacle> {
    let write = Write { server, desired };
    match (step.object, step.action) {
        (Object::Server, _) | (_, Action::Leave) => Ok(false),
        (Object::Stream(name), action) => {
            let (wanted, old) = (desired.stream(name), plan.actual.streams.get(name));
            match (action, wanted, old) {
                (Action::Create, Some(wanted), _) => write.create_stream(wanted).await,
                (Action::Recreate, Some(wanted), Some(old)) => {
                    recreate::stream(&write, wanted, old).await?;
                    Ok(true)
                }
                (Action::Update, ..) => {
                    write.update_stream(name, &step.ends).await?;
                    Ok(true)
                }
                (Action::Delete, None, _) => {
                    retry::reaching(|| server.delete_stream(name)).await?;
                    Ok(true)
                }
                _ => Ok(false),
            }
        }
        (Object::Consumer { stream, name }, action) => {
            let key = (stream.clone(), name.clone());
            let wanted = desired.consumer(stream, name);
            let old = plan.actual.consumers.get(&key);
            match (action, wanted, old) {
                (Action::Create, Some(wanted), _) => {
                    Ok(write.create_consumer(wanted, None).await?)
                }
                (Action::Recreate, Some(wanted), Some(old)) => {
                    recreate::consumer(&write, wanted, &old.created).await?;
                    Ok(true)
                }
                (Action::Update, ..) => {
                    write.update_consumer(stream, name, &step.ends).await?;
                    Ok(true)
                }
                (Action::Delete, None, _) => {
                    retry::reaching(|| server.delete_consumer(stream, name)).await?;
                    Ok(true)
                }
                _ => Ok(false),
            }
        }
    }
}
