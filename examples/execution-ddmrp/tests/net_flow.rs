//! The net flow equation, and which demand counts in it.

use execution_ddmrp::calendar::{days_after, days_before};
use execution_ddmrp::ddmrp::net_flow::{SpikeRule, net_flow, qualified_demand};
use tidings::Date;

const TODAY: Date = Date::constant(2026, 3, 2);
const RULE: SpikeRule = SpikeRule { horizon_days: 10, threshold: 149 };

fn qualified(open: &[(u64, u64)]) -> u64 {
    let open: Vec<_> = open.iter().map(|&(days, units)| (days_after(TODAY, days), units)).collect();
    qualified_demand(TODAY, RULE, &open)
}

#[test]
fn the_position_is_what_is_there_and_will_come_without_what_is_asked_for() {
    assert_eq!(net_flow(480, 0, 60).position, 420);
    assert_eq!(net_flow(0, 300, 0).position, 300);
    assert_eq!(net_flow(10, 0, 60).position, -50);
}

#[test]
fn what_is_due_or_overdue_counts() {
    assert_eq!(qualified(&[(0, 60)]), 60);
    let overdue = [(days_before(TODAY, 3), 25), (TODAY, 60)];
    assert_eq!(qualified_demand(TODAY, RULE, &overdue), 85);
}

#[test]
fn of_coming_days_only_spikes_count() {
    assert_eq!(qualified(&[(4, 148)]), 0);
    assert_eq!(qualified(&[(4, 149)]), 149);
    assert_eq!(qualified(&[(10, 400)]), 400, "the last day of the horizon");
    assert_eq!(qualified(&[(11, 400)]), 0, "an order placed now comes before that");
}

#[test]
fn a_spike_is_a_day_and_not_an_order() {
    assert_eq!(qualified(&[(4, 100), (4, 60), (5, 100)]), 160);
}
