//! The keys that what the catalog says of people is encrypted with.

use std::path::PathBuf;

use tempfile::TempDir;
use tidings::encryption::FileKeys;

/// Where they are kept beside a server, which keeps the events.
const FOLDER: &str = "order-processing.keys";

/// Keys in a directory, and the directory, if it is to go with them.
pub(crate) struct Folder {
    pub(crate) keys: FileKeys,
    _gone_at_the_end: Option<TempDir>,
}

impl Folder {
    /// The directory that was asked for. Without one, events that outlive the process have keys that do, and others have not.
    pub(crate) fn open(path: Option<PathBuf>, outlives: bool) -> anyhow::Result<Self> {
        let own = (path.is_none() && !outlives).then(tempfile::tempdir).transpose()?;
        let path = path.or_else(|| own.as_ref().map(|own| own.path().join("keys")));
        // All services are in this process, so that no other makes keys of its own.
        let keys = FileKeys::open(path.unwrap_or_else(|| FOLDER.into()))?.creating();
        Ok(Self { keys, _gone_at_the_end: own })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use event_catalog::CATALOG;
    use event_catalog::orders::{self, OrderCreated};
    use tidings::encryption::{ERASED, Keys};
    use tidings::{Event as _, Tidings};

    use super::*;
    use crate::history::histories;
    use crate::samples;

    #[tokio::test]
    async fn once_the_shops_keys_are_deleted_nobody_can_read_who_its_customers_were() {
        let folder = Folder::open(None, false).expect("a directory");
        let bus = Tidings::embedded();
        bus.ensure(&CATALOG).await.expect("the catalog fits");
        bus.set_keys(Keys::new(folder.keys.clone()).fresh_for(Duration::ZERO));
        let order = samples::teapot();
        let (address, order_id) = (order.shipping_address.clone(), order.order_id);
        let publisher = orders::Publisher::new(&bus).organization(samples::ORGANIZATION);
        publisher.order_created(order.clone()).await.expect("stored");

        let stream = || CATALOG.stream(OrderCreated::SPEC.stream).expect("a stream");
        let file = tempfile::tempdir().expect("a folder");
        let file = file.path().join("stored");
        bus.replay(stream()).to_file(&file).await.expect("written");
        let stored = std::fs::read_to_string(&file).expect("text");
        assert!(stored.contains(&order_id.to_string()), "{stored}");
        for person in address.lines.iter().chain([&order.email, &address.recipient]) {
            assert!(!stored.contains(person.as_str()), "{person}: {stored}");
        }
        let history = histories(&bus).await.expect("a bucket");
        let told = history.load(order_id).await.expect("readable");
        assert_eq!(told.state().created.as_ref(), Some(&order));

        folder.keys.erase(samples::ORGANIZATION).expect("deleted");
        let told = history.load(order_id).await.expect("readable all the same");
        let left = told.state().created.as_ref().expect("it is there");
        assert_eq!((left.total.clone(), left.lines.clone()), (order.total, order.lines));
        let left =
            (&left.email, &left.shipping_address.recipient, &left.shipping_address.lines[..]);
        assert_eq!(left, (&ERASED.to_owned(), &ERASED.to_owned(), &[ERASED.to_owned()][..]));
        let next = publisher.order_created(samples::mugs()).await;
        next.expect_err("nobody is a customer of an erased shop");
    }
}
