//! A handler of events whose types are known only when the program runs.

use std::sync::Arc;

use super::DispatchError;
use super::subscriber::{Dispatch, Dispatched, HandlerFuture, Subscriber};
use crate::catalog::SubscriptionSpec;
use crate::handler::{DeliveryContext, Handled, MissingState, Needs, States};
use crate::message::envelope::Envelope;
use crate::{EventSpec, PersonalField, ServiceSpec};

impl Subscriber {
    /// A function that handles whatever its subscription is handed, each event with its payload as JSON: for bridges,
    /// archives and tools that know no types. Events come in the version in which they were published, with what the catalog has
    /// encrypted still encrypted; what is published in several versions comes in each.
    ///
    /// ```
    /// use tidings::catalog::SubscriptionSpec;
    /// use tidings::{ServiceSpec, Subscriber};
    ///
    /// fn audit(service: &'static ServiceSpec, spec: &'static SubscriptionSpec) -> Subscriber {
    ///     Subscriber::untyped(service, spec, |envelope, payload| async move {
    ///         println!("{} {}", envelope.event_type, payload.len());
    ///         Ok(())
    ///     })
    /// }
    /// ```
    pub fn untyped<F, A>(
        service: &'static ServiceSpec,
        spec: &'static SubscriptionSpec,
        handler: F,
    ) -> Self
    where
        F: Fn(Envelope, String) -> A + Send + Sync + 'static,
        A: Future<Output = Handled> + Send + 'static,
    {
        let needs = if spec.idempotent { Needs::ONCE } else { Needs::NONE };
        Self { service, spec, dispatch: Arc::new(Untyped { handler, needs }) }
    }
}

struct Untyped<F> {
    handler: F,
    needs: Needs,
}

impl<F, A> Dispatch for Untyped<F>
where
    F: Fn(Envelope, String) -> A + Send + Sync,
    A: Future<Output = Handled> + Send + 'static,
{
    fn dispatch(
        &self,
        data: &str,
        delivery: &Arc<DeliveryContext>,
    ) -> Result<Dispatched, DispatchError> {
        let handled: HandlerFuture =
            Box::pin((self.handler)(delivery.envelope.clone(), data.to_owned()));
        Ok(Dispatched::Handler(handled, self.needs))
    }

    fn personal(&self, _: &Envelope) -> &'static [PersonalField] {
        &[]
    }

    fn takes(&self, _: &Envelope, _: bool) -> bool {
        true
    }

    fn specs(&self) -> Vec<&'static EventSpec> {
        Vec::new()
    }

    fn check(&self, _: &States) -> Result<(), MissingState> {
        Ok(())
    }

    fn needs(&self) -> Needs {
        self.needs
    }
}
