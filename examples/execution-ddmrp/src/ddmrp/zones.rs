//! How a buffer is sized, and where a net flow position lies in it. Quantities are stock units, factors have none.

use event_catalog::types::{BufferZone, BufferZones};

/// What a buffer is sized from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// ADU: what is used on a day, on average.
    pub average_daily_usage: f64,
    /// DLT: days from an order to its receipt, where nothing upstream is buffered.
    pub decoupled_lead_time_days: u64,
    /// LTF: the share of the usage during the lead time that is ordered at once, from 0 to 1.
    pub lead_time_factor: f64,
    /// VF: the share of the red base that is added for safety, from 0 to 1.
    pub variability_factor: f64,
    /// Days wanted between two orders.
    pub order_cycle_days: u64,
    /// MOQ: the least that can be ordered.
    pub minimum_order_quantity: u64,
}

impl Settings {
    /// What is used until an order that is placed now has come.
    pub fn lead_time_usage(&self) -> f64 {
        self.average_daily_usage * self.decoupled_lead_time_days as f64
    }

    /// Red, before anything is known about how erratic the demand is.
    pub fn red_base(&self) -> f64 {
        self.lead_time_usage() * self.lead_time_factor
    }

    /// What red has for erratic demand.
    pub fn red_safety(&self) -> f64 {
        self.red_base() * self.variability_factor
    }

    /// The sizes of the zones.
    pub fn zones(&self) -> BufferZones {
        let order_cycle = self.average_daily_usage * self.order_cycle_days as f64;
        BufferZones {
            red: units(self.red_base() + self.red_safety()),
            yellow: units(self.lead_time_usage()),
            green: units(self.red_base().max(order_cycle)).max(self.minimum_order_quantity),
        }
    }
}

/// The factor for a lead time. The longer it is, the smaller and more frequent orders should be beside it.
pub fn lead_time_factor(days: u64) -> f64 {
    match days {
        ..=7 => 0.7,
        8..=21 => 0.5,
        _ => 0.3,
    }
}

/// ADU over a window of past days. Where a product was sold on fewer, the forecast stands for the others.
pub fn average_daily_usage(window_days: u64, sold_days: u64, used: u64, forecast: f64) -> f64 {
    let window = window_days.max(1);
    let unknown = window.saturating_sub(sold_days) as f64;
    (used as f64 + forecast * unknown) / window as f64
}

/// The tops of a buffer's zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tops {
    /// Top of red: order and expedite at or below.
    pub red: i64,
    /// Top of yellow: order at or below.
    pub yellow: i64,
    /// Top of green: order up to here.
    pub green: i64,
}

impl Tops {
    /// The tops of zones of these sizes.
    pub fn of(zones: &BufferZones) -> Self {
        let red = zones.red.cast_signed();
        let yellow = red.saturating_add(zones.yellow.cast_signed());
        Self { red, yellow, green: yellow.saturating_add(zones.green.cast_signed()) }
    }

    /// The zone of a net flow position.
    pub fn zone(&self, position: i64) -> BufferZone {
        match position {
            _ if position <= self.red => BufferZone::Red,
            _ if position <= self.yellow => BufferZone::Yellow,
            _ if position <= self.green => BufferZone::Green,
            _ => BufferZone::OverGreen,
        }
    }

    /// The order recommendation: at or below the top of yellow, up to the top of green. Green is no smaller than the least that
    /// can be ordered, so no recommendation is either.
    pub fn recommended(&self, position: i64) -> u64 {
        if position > self.yellow {
            return 0;
        }
        self.green.abs_diff(position)
    }

    /// The planning priority: the net flow position in percent of the top of green, to one decimal. Of two buffers the lower one is ordered for
    /// first, however large they are.
    pub fn percent_of_green(&self, position: i64) -> f64 {
        let percent = position as f64 / self.green.max(1) as f64 * 100.0;
        (percent * 10.0).round() / 10.0
    }
}

/// Whole units, up. What is in the last digits of a float is no unit.
fn units(quantity: f64) -> u64 {
    (quantity - 1e-6).ceil().max(0.0) as u64
}
