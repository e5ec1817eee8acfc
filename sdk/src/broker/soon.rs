//! What is there at once as a rule, and has to be waited for now and then.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;

/// A future of something that is there at once as a rule. Then it is no more than its value: what waits is made, and takes
/// memory, only where there is something to wait for. Whatever can be done at once is done before it is polled. Polled once
/// more, it waits for ever.
#[must_use = "what has to be waited for is done only while this is awaited"]
pub(crate) enum Soon<T> {
    /// It is there; nothing, once it was taken.
    Now(Option<T>),
    /// It has to be waited for.
    Later(BoxFuture<'static, T>),
}

impl<T: Send + 'static> Soon<T> {
    /// It is there.
    pub(crate) fn now(value: T) -> Self {
        Self::Now(Some(value))
    }

    /// It is what this future comes to.
    pub(crate) fn later(future: impl Future<Output = T> + Send + 'static) -> Self {
        Self::Later(Box::pin(future))
    }

    /// What is there, or what has to be waited for.
    pub(crate) fn at_once(self) -> Result<T, Self> {
        match self {
            Self::Now(Some(value)) => Ok(value),
            later => Err(later),
        }
    }

    /// The same made into something else.
    pub(crate) fn map<U: Send + 'static>(
        self,
        change: impl FnOnce(T) -> U + Send + 'static,
    ) -> Soon<U> {
        self.then(|value| Soon::now(change(value)))
    }

    /// What is begun with it and something else, once it is there.
    pub(crate) fn then_with<C, U>(
        self,
        with: &C,
        next: impl FnOnce(&C, T) -> Soon<U> + Send + 'static,
    ) -> Soon<U>
    where
        C: Clone + Send + Sync + 'static,
        U: Send + 'static,
    {
        match self {
            Self::Now(Some(value)) => next(with, value),
            soon => {
                let with = with.clone();
                soon.then(move |value| next(&with, value))
            }
        }
    }

    /// What is begun with it once it is there.
    pub(crate) fn then<U: Send + 'static>(
        self,
        next: impl FnOnce(T) -> Soon<U> + Send + 'static,
    ) -> Soon<U> {
        match self {
            Self::Now(Some(value)) => next(value),
            Self::Now(None) => Soon::Now(None),
            Self::Later(future) => Soon::later(async { next(future.await).await }),
        }
    }
}

/// Nothing in it is pinned but what lies in a box.
impl<T> Unpin for Soon<T> {}

impl<T> Future for Soon<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        match &mut *self {
            Self::Now(value) => value.take().map_or(Poll::Pending, Poll::Ready),
            Self::Later(future) => future.as_mut().poll(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use tokio::sync::oneshot;

    use super::*;

    #[test]
    fn what_is_there_goes_on_at_once() {
        let soon = Soon::now(2).then(|two| Soon::now(two + 3)).map(|five| five * 2);
        assert!(matches!(soon, Soon::Now(Some(10))), "it waits to be polled");
        assert_eq!(soon.at_once().ok(), Some(10));
    }

    #[tokio::test]
    async fn what_has_to_be_waited_for_goes_on_when_it_is_there() {
        let (tell, told) = oneshot::channel();
        let mut soon = Soon::later(told).then(|two| Soon::later(async { two.map(|two| two + 3) }));
        assert!((&mut soon).now_or_never().is_none());
        let soon = soon.at_once().expect_err("it is not there");
        tell.send(2).expect("it is awaited");
        assert_eq!(soon.await, Ok(5));
    }
}
