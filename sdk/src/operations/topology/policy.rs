use std::str::FromStr;

/// What a service does about streams and consumers when it starts; see [`Topology::prepare`](super::Topology::prepare).
///
/// ```
/// use tidings::topology::Policy;
///
/// let policy: Policy = "verify".parse()?; // what TIDINGS_TOPOLOGY says
/// assert_eq!(policy, Policy::Verify);
/// # Ok::<(), tidings::topology::ParsePolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Policy {
    /// Creates what is missing and changes what is safe to change.
    #[default]
    Ensure,
    /// Changes nothing, and fails where the server does not have what the catalog asks for.
    Verify,
    /// Neither: somebody else sees to it.
    Off,
}

/// Not a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of `ensure`, `verify` and `off`")]
pub struct ParsePolicyError(String);

impl FromStr for Policy {
    type Err = ParsePolicyError;

    fn from_str(word: &str) -> Result<Self, ParsePolicyError> {
        match word {
            "ensure" => Ok(Self::Ensure),
            "verify" => Ok(Self::Verify),
            "off" => Ok(Self::Off),
            other => Err(ParsePolicyError(other.to_owned())),
        }
    }
}
