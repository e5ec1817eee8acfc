//! Services that compile, a module each, and nothing is wrong with them when they run.

// They are written as crates are, whose items others see.
#![allow(unreachable_pub, unused_qualifications)]

macro_rules! cases {
    ($($theme:ident::$case:ident,)+) => {
        fn main() {
            $($theme::$case::main();)+
        }
    };
}

cases! {
    aggregate::part_of_the_events,
    derive::old_version,
    derive::own_struct,
    event_handler::function,
    event_handler::function_called_by_its_test,
    event_handler::function_for_an_old_version,
    event_handler::function_for_one_subscription,
    event_handler::function_under_conditions,
    event_handler::impl_error_of_its_own,
    event_handler::impl_of_one_method,
    event_handler::impl_of_several_methods,
    event_handler::names_of_the_expansion,
    event_union::old_and_bound_types,
    event_union::parts_of_subscriptions,
    event_union::whole_subscription,
    upcast::by_hand,
    upcast::declared,
}

#[path = "aggregate/pass"]
mod aggregate {
    pub mod part_of_the_events;
}

#[path = "derive/pass"]
mod derive {
    pub mod old_version;
    pub mod own_struct;
}

#[path = "event_handler/pass"]
mod event_handler {
    pub mod function;
    pub mod function_called_by_its_test;
    pub mod function_for_an_old_version;
    pub mod function_for_one_subscription;
    pub mod function_under_conditions;
    pub mod impl_error_of_its_own;
    pub mod impl_of_one_method;
    pub mod impl_of_several_methods;
    pub mod names_of_the_expansion;
}

#[path = "event_union/pass"]
mod event_union {
    pub mod old_and_bound_types;
    pub mod parts_of_subscriptions;
    pub mod whole_subscription;
}

#[path = "upcast/pass"]
mod upcast {
    pub mod by_hand;
    pub mod declared;
}
