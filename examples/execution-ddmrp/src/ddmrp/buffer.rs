//! A buffer, and what is to be said of it when something has changed. No database and no events come in here: this is the
//! planner's knowledge, and its tests are about numbers.

use event_catalog::ddmrp::{
    BufferAlertTriggered, BufferAlertTriggeredKind as Kind, BufferAlertTriggeredReplenishment,
    BufferAlertTriggeredSeverity as Severity, BufferCalculated, BufferStatusChanged,
};
use event_catalog::types::{BufferZone, NetFlow};
use serde::{Deserialize, Serialize};
use tidings::{Date, Uuid};

use super::net_flow::SpikeRule;
use super::zones::{Settings, Tops, lead_time_factor};
use crate::calendar::days_after;

/// How erratic the demand for a product is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Variability {
    /// Much the same every day.
    Low,
    /// Now and then more.
    Medium,
    /// Nobody knows.
    High,
}

impl Variability {
    fn factor(self) -> f64 {
        match self {
            Self::Low => 0.4,
            Self::Medium => 0.5,
            Self::High => 0.8,
        }
    }
}

/// What the planner says of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// How erratic the demand is.
    pub variability: Variability,
    /// Days wanted between two orders.
    pub order_cycle_days: u64,
    /// Stock units a day, until enough days are known.
    pub forecast: f64,
}

/// What the product catalog says of what is buffered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Days from order to receipt.
    pub lead_time_days: u64,
    /// Fewest stock units that the supplier delivers.
    pub minimum_order_quantity: u64,
    /// The usual supplier; none for what we make.
    pub supplier_id: Option<Uuid>,
}

/// A buffer of a product in a warehouse.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Buffer {
    /// The buffer.
    pub buffer_id: Uuid,
    /// What it buffers.
    pub product_id: Uuid,
    /// The warehouse that it is in.
    pub warehouse: String,
    /// The first planning day.
    pub opened_on: Date,
    /// The planning day that it is.
    pub planned_on: Date,
    profile: Profile,
    part: Part,
    average_daily_usage: f64,
    /// The zone that the world knows of.
    zone: Option<BufferZone>,
    open_alerts: Vec<(Kind, Uuid)>,
}

/// What a look at a buffer has found, to be told.
#[derive(Debug, Default, PartialEq)]
pub struct Review {
    /// The net flow position is in another zone.
    pub status_changed: Option<BufferStatusChanged>,
    /// Somebody has to act. Of each kind, one alert is open at a time.
    pub alerts: Vec<BufferAlertTriggered>,
}

impl Buffer {
    /// A new buffer, which is sized by the forecast.
    pub fn open(
        product_id: Uuid,
        warehouse: &str,
        profile: Profile,
        part: Part,
        opened_on: Date,
    ) -> Self {
        Self {
            buffer_id: Uuid::now_v7(),
            product_id,
            warehouse: warehouse.to_owned(),
            opened_on,
            planned_on: opened_on,
            profile,
            part,
            average_daily_usage: profile.forecast,
            zone: None,
            open_alerts: Vec::new(),
        }
    }

    /// What the planner says of it.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The zone that its net flow position was in when it was last looked at.
    pub fn zone(&self) -> Option<BufferZone> {
        self.zone
    }

    /// It is another day, until which so much was used a day.
    pub fn plan(&mut self, planned_on: Date, average_daily_usage: f64) {
        (self.planned_on, self.average_daily_usage) = (planned_on, average_daily_usage);
    }

    /// The catalog says something else of the product. False where that makes no difference to the buffer.
    pub fn set_part(&mut self, part: Part) -> bool {
        std::mem::replace(&mut self.part, part) != part
    }

    /// What it is sized from.
    pub fn settings(&self) -> Settings {
        let decoupled_lead_time_days = self.part.lead_time_days.max(1);
        Settings {
            average_daily_usage: self.average_daily_usage,
            decoupled_lead_time_days,
            lead_time_factor: lead_time_factor(decoupled_lead_time_days),
            variability_factor: self.profile.variability.factor(),
            order_cycle_days: self.profile.order_cycle_days,
            minimum_order_quantity: self.part.minimum_order_quantity,
        }
    }

    /// The tops of its zones.
    pub fn tops(&self) -> Tops {
        Tops::of(&self.settings().zones())
    }

    /// Which demand of coming days counts: as far ahead as an order placed now would come, what takes half of red in a day.
    pub fn spike_rule(&self) -> SpikeRule {
        let settings = self.settings();
        SpikeRule {
            horizon_days: settings.decoupled_lead_time_days,
            threshold: settings.zones().red.div_ceil(2).max(1),
        }
    }

    /// How it is sized.
    pub fn calculated(&self, net_flow: NetFlow) -> BufferCalculated {
        let (settings, tops) = (self.settings(), self.tops());
        BufferCalculated {
            buffer_id: self.buffer_id,
            product_id: self.product_id,
            warehouse: self.warehouse.clone(),
            planned_on: self.planned_on,
            average_daily_usage: settings.average_daily_usage,
            decoupled_lead_time_days: settings.decoupled_lead_time_days,
            lead_time_factor: settings.lead_time_factor,
            variability_factor: settings.variability_factor,
            order_cycle_days: settings.order_cycle_days,
            minimum_order_quantity: settings.minimum_order_quantity,
            zones: settings.zones(),
            zone: tops.zone(net_flow.position),
            recommended_quantity: tops.recommended(net_flow.position),
            net_flow,
        }
    }

    /// Looks at the buffer again, and says what has changed since it was last looked at.
    pub fn review(&mut self, net_flow: &NetFlow) -> Review {
        let tops = self.tops();
        let zone = tops.zone(net_flow.position);
        // The first zone is told with the size.
        let left = self.zone.replace(zone).filter(|before| *before != zone);
        let status_changed = left.map(|previous_zone| BufferStatusChanged {
            buffer_id: self.buffer_id,
            product_id: self.product_id,
            warehouse: self.warehouse.clone(),
            previous_zone,
            zone,
            net_flow: net_flow.clone(),
            percent_of_green: tops.percent_of_green(net_flow.position),
        });
        let wanted = self.wanted(net_flow);
        self.open_alerts.retain(|(open, _)| wanted.iter().any(|(kind, _)| kind == open));
        let mut alerts = Vec::new();
        for (kind, severity) in wanted {
            if self.open_alerts.iter().all(|(open, _)| *open != kind) {
                let alert = self.alert(kind, severity, net_flow);
                self.open_alerts.push((kind, alert.alert_id));
                alerts.push(alert);
            }
        }
        Review { status_changed, alerts }
    }

    /// The alerts that have a reason now.
    fn wanted(&self, net_flow: &NetFlow) -> Vec<(Kind, Severity)> {
        let red = self.settings().zones().red;
        let mut wanted = Vec::new();
        match self.tops().zone(net_flow.position) {
            BufferZone::Red if net_flow.position <= 0 => {
                wanted.push((Kind::Replenishment, Severity::Critical));
            }
            BufferZone::Red => wanted.push((Kind::Replenishment, Severity::High)),
            BufferZone::Yellow => wanted.push((Kind::Replenishment, Severity::Medium)),
            BufferZone::Green => {}
            BufferZone::OverGreen => wanted.push((Kind::Excess, Severity::Low)),
        }
        // What is on order does not help a customer who is here today.
        if net_flow.on_hand == 0 {
            wanted.push((Kind::Stockout, Severity::Critical));
        } else if net_flow.on_hand <= red / 2 {
            wanted.push((Kind::LowOnHand, Severity::High));
        }
        wanted
    }

    fn alert(&self, kind: Kind, severity: Severity, net_flow: &NetFlow) -> BufferAlertTriggered {
        let tops = self.tops();
        let replenishment =
            (kind == Kind::Replenishment).then(|| BufferAlertTriggeredReplenishment {
                quantity: tops.recommended(net_flow.position),
                order_by: self.order_by(net_flow.position),
                supplier_id: self.part.supplier_id,
            });
        BufferAlertTriggered {
            alert_id: Uuid::now_v7(),
            kind,
            severity,
            buffer_id: self.buffer_id,
            product_id: self.product_id,
            warehouse: self.warehouse.clone(),
            zone: tops.zone(net_flow.position),
            zones: self.settings().zones(),
            net_flow: net_flow.clone(),
            replenishment,
        }
    }

    /// The last day to order: the one on which average usage would have brought the position down to red.
    fn order_by(&self, position: i64) -> Date {
        let above_red = position.saturating_sub(self.tops().red).max(0) as f64;
        let days = if self.average_daily_usage > 0.0 {
            (above_red / self.average_daily_usage).floor() as u64
        } else {
            self.part.lead_time_days
        };
        days_after(self.planned_on, days)
    }
}
