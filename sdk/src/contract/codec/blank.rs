//! Values without parts.

use serde_json::{Map, Value as Json};

use super::{Done, Give, Reader, Value, Want, Writer};
use crate::{Date, Timestamp, Uuid};

/// What a value is before it is read.
pub fn blank<T: Value>() -> T {
    T::blank()
}

/// A type is blank as the expression says, and is wanted and given under one name.
macro_rules! leaf {
    ($($type:ty: $blank:expr, $name:ident, $give:expr;)*) => {
        $(
            impl Value for $type {
                fn blank() -> Self {
                    $blank
                }

                fn read(&mut self, from: &mut dyn Reader) -> Done {
                    from.read(Want::$name(self))
                }

                fn write(&self, to: &mut dyn Writer) {
                    let give: fn(&Self) -> Give<'_> = $give;
                    to.write(give(self));
                }
            }
        )*
    };
}

leaf! {
    bool: false, Bool, |value| Give::Bool(*value);
    i64: 0, Signed, |value| Give::Signed(*value);
    u64: 0, Unsigned, |value| Give::Unsigned(*value);
    f64: 0.0, Float, |value| Give::Float(*value);
    String: Self::new(), Text, |value| Give::Text(value);
    Uuid: Self::nil(), Uuid, |value| Give::Uuid(value);
    Timestamp: Self::UNIX_EPOCH, Timestamp, |value| Give::Timestamp(value);
    Date: Self::ZERO, Date, |value| Give::Date(value);
    Json: Self::Null, Any, |value| Give::Any(value);
    Map<String, Json>: Self::new(), Object, |value| Give::Object(value);
}

impl Value for () {
    fn blank() -> Self {}

    fn read(&mut self, from: &mut dyn Reader) -> Done {
        from.read(Want::Null)
    }

    fn write(&self, to: &mut dyn Writer) {
        to.write(Give::Null);
    }
}
