//! What is not measured, because it is another machine's or the reader's own choice.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Outcome;

/// All are numbers, so that each can be given on the command line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assumptions {
    /// Of each event, on as many servers: 1 or 3.
    pub(crate) copies: f64,
    /// That receive each event, whatever their number of instances.
    pub(crate) subscriptions: f64,
    /// How busy anything may be, so that it bears peaks and the loss of a server: a share.
    pub(crate) utilisation: f64,
    pub(crate) cores_per_server: f64,
    /// Bytes a second, each way.
    pub(crate) network_per_server: f64,
    /// Bytes a second, written one behind the other.
    pub(crate) disk_per_server: f64,
    /// What each message has on the wire beside itself: its line of the protocol, and its share of packets' headers.
    pub(crate) line_bytes: f64,
    /// How long a handler waits for others with each event, which counts where events stay in order.
    pub(crate) handler_ms: f64,
    pub(crate) duplicate_window_s: f64,
    /// What a server needs of memory to remember an id.
    pub(crate) id_bytes: f64,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            copies: 3.0,
            subscriptions: 2.0,
            utilisation: 0.5,
            cores_per_server: 16.0,
            // 10 Gbit.
            network_per_server: 1.25e9,
            disk_per_server: 5e8,
            line_bytes: 150.0,
            handler_ms: 1.0,
            duplicate_window_s: 120.0,
            id_bytes: 200.0,
        }
    }
}

impl Assumptions {
    /// The same but for these.
    pub(crate) fn with(&self, changes: &[(String, f64)]) -> Outcome<Self> {
        let mut all = serde_json::to_value(self)?;
        for (key, value) in changes {
            match all.get_mut(key) {
                Some(place) => *place = Value::from(*value),
                None => {
                    let known = all.as_object().into_iter().flat_map(|all| all.keys());
                    let known = known.map(String::as_str).collect::<Vec<_>>().join(", ");
                    return Err(format!("nothing is assumed of `{key}`, only of {known}").into());
                }
            }
        }
        Ok(serde_json::from_value(all)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_changed_by_its_name() {
        let assumptions = Assumptions::default();
        let changed = assumptions.with(&[("copies".to_owned(), 1.0)]).expect("it is known");
        assert_eq!(changed, Assumptions { copies: 1.0, ..assumptions.clone() });
        let error = assumptions.with(&[("cores".to_owned(), 1.0)]).expect_err("it is not");
        assert!(error.to_string().contains("`cores`, only of copies, cores_per_server"), "{error}");
    }
}
