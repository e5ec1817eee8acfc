//! How buffers are sized. Numbers in, numbers out.

use event_catalog::ddmrp::BufferCalculated;
use event_catalog::types::{BufferZone, BufferZones};
use execution_ddmrp::ddmrp::zones::{Settings, Tops, average_daily_usage, lead_time_factor};
use proptest::prelude::*;
use tidings::testing;

const MUG: Settings = Settings {
    average_daily_usage: 42.5,
    decoupled_lead_time_days: 10,
    lead_time_factor: 0.5,
    variability_factor: 0.4,
    order_cycle_days: 7,
    minimum_order_quantity: 300,
};

/// What a buffer was sized from.
fn settings(told: &BufferCalculated) -> Settings {
    Settings {
        average_daily_usage: told.average_daily_usage,
        decoupled_lead_time_days: told.decoupled_lead_time_days,
        lead_time_factor: told.lead_time_factor,
        variability_factor: told.variability_factor,
        order_cycle_days: told.order_cycle_days,
        minimum_order_quantity: told.minimum_order_quantity,
    }
}

proptest! {
    /// Of whatever the catalog allows to be told of a buffer.
    #[test]
    fn an_order_is_one_that_can_be_placed_and_fills_the_buffer(
        told in testing::any::<BufferCalculated>(),
        position in -1_000_000..1_000_000_i64,
    ) {
        let settings = settings(&told);
        let tops = Tops::of(&settings.zones());
        prop_assume!(tops.green < i64::MAX, "more than can be counted");
        prop_assert!(tops.red <= tops.yellow && tops.yellow <= tops.green);
        match tops.recommended(position) {
            0 => prop_assert!(position > tops.yellow),
            quantity => {
                prop_assert!(quantity >= settings.minimum_order_quantity);
                let filled = position.saturating_add_unsigned(quantity);
                prop_assert_eq!(filled, tops.green);
            }
        }
    }
}

#[test]
fn zones_are_what_the_catalog_says_of_them() {
    for told in testing::examples::<BufferCalculated>() {
        assert_eq!(settings(&told).zones(), told.zones);
        let tops = Tops::of(&told.zones);
        assert_eq!(tops.zone(told.net_flow.position), told.zone);
        assert_eq!(tops.recommended(told.net_flow.position), told.recommended_quantity);
    }
}

#[test]
fn red_is_a_base_and_its_safety() {
    assert_eq!((MUG.red_base(), MUG.red_safety()), (212.5, 85.0));
    assert_eq!(MUG.zones().red, 298);
}

#[test]
fn green_is_the_largest_of_three() {
    let green = |settings: Settings| settings.zones().green;
    assert_eq!(green(MUG), 300, "the minimum order");
    assert_eq!(green(Settings { minimum_order_quantity: 1, ..MUG }), 298, "seven days' usage");
    let often = Settings { minimum_order_quantity: 1, order_cycle_days: 1, ..MUG };
    assert_eq!(green(often), 213, "the share of the lead time's usage");
}

#[test]
fn what_is_whole_is_not_rounded_up() {
    // 0.1 is no binary fraction: 3 × 10 × 0.1 is a little more than 3.
    let settings = Settings {
        average_daily_usage: 3.0,
        lead_time_factor: 0.1,
        variability_factor: 0.0,
        order_cycle_days: 0,
        minimum_order_quantity: 1,
        ..MUG
    };
    assert_eq!(settings.zones(), BufferZones { red: 3, yellow: 30, green: 3 });
}

#[test]
fn what_nobody_uses_has_a_buffer_of_one_order() {
    let zones = Settings { average_daily_usage: 0.0, ..MUG }.zones();
    assert_eq!(zones, BufferZones { red: 0, yellow: 0, green: 300 });
}

#[test]
fn a_top_belongs_to_its_zone() {
    let tops = Tops::of(&MUG.zones());
    assert_eq!(tops, Tops { red: 298, yellow: 723, green: 1023 });
    for (position, zone, recommended) in [
        (-40, BufferZone::Red, 1063),
        (298, BufferZone::Red, 725),
        (299, BufferZone::Yellow, 724),
        (723, BufferZone::Yellow, 300),
        (724, BufferZone::Green, 0),
        (1023, BufferZone::Green, 0),
        (1024, BufferZone::OverGreen, 0),
    ] {
        assert_eq!((tops.zone(position), tops.recommended(position)), (zone, recommended));
    }
}

#[test]
fn the_priority_compares_buffers_of_all_sizes() {
    let large = Tops { red: 298, yellow: 723, green: 1023 };
    let small = Tops { red: 3, yellow: 9, green: 12 };
    assert_eq!(large.percent_of_green(150), 14.7);
    assert_eq!(small.percent_of_green(6), 50.0);
    assert_eq!(small.percent_of_green(-3), -25.0);
}

#[test]
fn a_longer_lead_time_has_a_smaller_factor() {
    assert_eq!([1, 7, 8, 21, 22, 200].map(lead_time_factor), [0.7, 0.7, 0.5, 0.5, 0.3, 0.3]);
}

#[test]
fn the_forecast_stands_for_the_days_that_nobody_knows() {
    assert_eq!(average_daily_usage(20, 0, 0, 42.5), 42.5);
    assert_eq!(average_daily_usage(20, 1, 270, 42.5), 53.875);
    assert_eq!(average_daily_usage(20, 20, 600, 42.5), 30.0);
    assert_eq!(average_daily_usage(20, 35, 600, 42.5), 30.0);
}
