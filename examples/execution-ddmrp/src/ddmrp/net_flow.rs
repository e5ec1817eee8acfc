//! The net flow equation: what is there, plus what will come, minus what is asked for.

use std::collections::BTreeMap;

use event_catalog::types::NetFlow;
use tidings::Date;

use crate::calendar::days_after;

/// The net flow equation.
pub fn net_flow(on_hand: u64, on_order: u64, qualified_demand: u64) -> NetFlow {
    let supply = on_hand.saturating_add(on_order).cast_signed();
    let position = supply.saturating_sub(qualified_demand.cast_signed());
    NetFlow { on_hand, on_order, qualified_demand, position }
}

/// Which demand of coming days counts already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpikeRule {
    /// So many days ahead are looked at.
    pub horizon_days: u64,
    /// A day with so many units or more is a spike.
    pub threshold: u64,
}

/// The demand that counts today: what is due or overdue, and all of each coming day that is a spike. Ordinary demand of coming
/// days is what yellow is there for.
pub fn qualified_demand(today: Date, rule: SpikeRule, open: &[(Date, u64)]) -> u64 {
    let horizon = days_after(today, rule.horizon_days);
    let mut coming: BTreeMap<Date, u64> = BTreeMap::new();
    let mut qualified: u64 = 0;
    for &(due_on, quantity) in open {
        if due_on <= today {
            qualified = qualified.saturating_add(quantity);
        } else if due_on <= horizon {
            *coming.entry(due_on).or_default() += quantity;
        }
    }
    coming.into_values().filter(|day| *day >= rule.threshold).fold(qualified, u64::saturating_add)
}
