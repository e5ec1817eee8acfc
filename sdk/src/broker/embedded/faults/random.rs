use super::fault::{Fault, Point};

/// Dice, one for each point: whether the third acknowledgement is struck must not depend on how many publishes there
/// were before it.
#[derive(Debug)]
pub(super) struct Random {
    shares: Vec<(Fault, f64)>,
    publishes: fastrand::Rng,
    deliveries: fastrand::Rng,
    acks: fastrand::Rng,
    other_settlements: fastrand::Rng,
}

impl Random {
    pub(super) fn new(seed: u64, shares: Vec<(Fault, f64)>) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        Self {
            shares,
            publishes: rng.fork(),
            deliveries: rng.fork(),
            acks: rng.fork(),
            other_settlements: rng.fork(),
        }
    }

    /// The fault that strikes, if one does: at most one at a time.
    pub(super) fn roll(&mut self, point: Point) -> Option<Fault> {
        let dice = match point {
            Point::Publish => &mut self.publishes,
            Point::Delivery => &mut self.deliveries,
            Point::Ack => &mut self.acks,
            Point::OtherSettlement => &mut self.other_settlements,
        };
        let mut left = dice.f64();
        let mut possible = self.shares.iter().filter(|(fault, _)| fault.strikes(point));
        let struck = possible.find(|(_, share)| {
            left -= share;
            left < 0.0
        });
        struck.map(|(fault, _)| *fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_strike_in_their_shares_and_where_they_can() {
        let shares = vec![
            (Fault::PublishLost, 0.2),
            (Fault::DeliveryLost, 1.0),
            (Fault::PublishAnswerLost, 0.1),
        ];
        let mut random = Random::new(7, shares.clone());
        let struck: Vec<_> = (0..10_000).map(|_| random.roll(Point::Publish)).collect();
        let share = |fault| struck.iter().filter(|struck| **struck == fault).count();
        assert!((1900..2100).contains(&share(Some(Fault::PublishLost))));
        assert!((900..1100).contains(&share(Some(Fault::PublishAnswerLost))));
        assert!((6900..7100).contains(&share(None)), "and nothing else");
        assert_eq!(random.roll(Point::Ack), None);

        let mut again = Random::new(7, shares);
        let same = struck.iter().all(|fault| {
            again.roll(Point::Delivery);
            again.roll(Point::Publish) == *fault
        });
        assert!(same, "whatever happens elsewhere");
    }
}
