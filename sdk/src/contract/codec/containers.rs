//! Values that hold others.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::{Done, Entries, Give, List, Reader, Slot, Value, Want, Writer};

impl<T: Value> Value for Option<T> {
    fn blank() -> Self {
        None
    }

    fn read(&mut self, from: &mut dyn Reader) -> Done {
        from.read(Want::Option(self))
    }

    fn write(&self, to: &mut dyn Writer) {
        to.write(Give::Option(self.as_ref().map(|value| value as &dyn Value)));
    }

    fn is_left_out(&self) -> bool {
        self.is_none()
    }
}

impl<T: Value> Slot for Option<T> {
    fn clear(&mut self) {
        *self = None;
    }

    fn fill(&mut self) -> &mut dyn Value {
        self.insert(T::blank())
    }
}

impl<T: Value> Value for Box<T> {
    fn blank() -> Self {
        Self::new(T::blank())
    }

    fn read(&mut self, from: &mut dyn Reader) -> Done {
        (**self).read(from)
    }

    fn write(&self, to: &mut dyn Writer) {
        (**self).write(to);
    }
}

impl<T: Value> Value for Vec<T> {
    fn blank() -> Self {
        Self::new()
    }

    fn read(&mut self, from: &mut dyn Reader) -> Done {
        from.read(Want::List(self))
    }

    fn write(&self, to: &mut dyn Writer) {
        to.write(Give::List(self));
    }

    fn is_left_out(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Value> List for Vec<T> {
    fn push(&mut self) -> &mut dyn Value {
        self.push_mut(T::blank())
    }

    fn length(&self) -> usize {
        self.len()
    }

    fn item(&self, number: usize) -> &dyn Value {
        &self[number]
    }
}

impl<T: Value> Value for BTreeMap<String, T> {
    fn blank() -> Self {
        Self::new()
    }

    fn read(&mut self, from: &mut dyn Reader) -> Done {
        from.read(Want::Map(self))
    }

    fn write(&self, to: &mut dyn Writer) {
        to.write(Give::Map(self));
    }

    fn is_left_out(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Value> Entries for BTreeMap<String, T> {
    fn entry(&mut self, name: String) -> &mut dyn Value {
        let entry = Self::entry(self, name).insert_entry(T::blank());
        entry.into_mut()
    }

    fn length(&self) -> usize {
        self.len()
    }

    fn each(&self, entry: &mut dyn FnMut(&str, &dyn Value) -> Done) -> Done {
        self.iter().try_for_each(|(name, value)| entry(name, value))
    }
}

impl Entries for Map<String, Json> {
    fn entry(&mut self, name: String) -> &mut dyn Value {
        let place = self.entry(name).or_insert(Json::Null);
        *place = Json::Null;
        place
    }

    fn length(&self) -> usize {
        self.len()
    }

    fn each(&self, entry: &mut dyn FnMut(&str, &dyn Value) -> Done) -> Done {
        self.iter().try_for_each(|(name, value)| entry(name, value))
    }
}

impl<T: Value, const N: usize> Value for [T; N] {
    fn blank() -> Self {
        std::array::from_fn(|_| T::blank())
    }

    fn read(&mut self, from: &mut dyn Reader) -> Done {
        let mut places = self.each_mut().map(|place| place as &mut dyn Value);
        from.read(Want::Tuple(&mut places, "an array of length"))
    }

    fn write(&self, to: &mut dyn Writer) {
        to.write(Give::Tuple(&self.each_ref().map(|value| value as &dyn Value)));
    }
}

/// As many as a catalog's tuples have at most.
macro_rules! tuples {
    ($first:ident $($more:ident)*) => {
        tuple!($first $($more)*);
        tuples!($($more)*);
    };
    () => {};
}

macro_rules! tuple {
    ($($item:ident)*) => {
        impl<$($item: Value),*> Value for ($($item,)*) {
            fn blank() -> Self {
                ($($item::blank(),)*)
            }

            #[allow(non_snake_case, reason = "a place is named after its type")]
            fn read(&mut self, from: &mut dyn Reader) -> Done {
                let ($($item,)*) = self;
                from.read(Want::Tuple(&mut [$($item),*], "a tuple of size"))
            }

            #[allow(non_snake_case, reason = "a value is named after its type")]
            fn write(&self, to: &mut dyn Writer) {
                let ($($item,)*) = self;
                to.write(Give::Tuple(&[$($item),*]));
            }
        }
    };
}

tuples!(A B C D E F G H I J K L);
