//! What becomes of each telephone, or number outside, that a call is for.

use std::sync::Arc;

use jackfield_domain::{CallLeg, Clock, LegResult, limits};
use parking_lot::Mutex;

/// The legs of one call that are open or over.
#[derive(Clone)]
pub(super) struct Legs {
    clock: Arc<dyn Clock>,
    all: Arc<Mutex<Vec<Kept>>>,
}

struct Kept {
    leg: CallLeg,
    open: bool,
    /// Whether it was answered and left while the call went on.
    left: bool,
}

/// One of them.
#[derive(Clone)]
pub(crate) struct OpenLeg {
    legs: Legs,
    place: usize,
}

impl Legs {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            all: Arc::default(),
        }
    }

    /// A telephone or a number outside is asked now.
    pub(super) fn open(
        &self,
        number: &str,
        (device, trunk): (&str, &str),
        (path, because): (&[String], &str),
    ) -> OpenLeg {
        let now = self.clock.now();
        let short = |text: &str, most: usize| text.chars().take(most).collect::<String>();
        let leg = CallLeg {
            number: short(number, limits::CALL_PARTY),
            device: device.to_owned(),
            trunk: trunk.to_owned(),
            path: path.to_vec(),
            because: because.to_owned(),
            started_at: now,
            rang_at: None,
            answered_at: None,
            ended_at: now,
            result: LegResult::Unreachable,
            status_code: 0,
        };
        let mut all = self.all.lock();
        all.push(Kept {
            leg,
            open: true,
            left: false,
        });
        OpenLeg {
            legs: self.clone(),
            place: all.len() - 1,
        }
    }

    /// Those that are open are over: they were cancelled.
    pub(super) fn close(&self, result: LegResult) {
        let now = self.clock.now();
        for kept in self.all.lock().iter_mut().filter(|kept| kept.open) {
            kept.open = false;
            kept.leg.ended_at = now;
            kept.leg.result = result;
        }
    }

    /// What the last one answered with; 0 when it said nothing.
    pub(super) fn last_status(&self) -> u16 {
        let all = self.all.lock();
        let last = all.last().map_or(0, |kept| kept.leg.status_code);
        u16::try_from(last).unwrap_or(0)
    }

    /// The same, when the last one went over a trunk.
    pub(super) fn last_outside(&self) -> Option<u16> {
        let all = self.all.lock();
        let last = all.last().filter(|kept| !kept.leg.trunk.is_empty())?;
        u16::try_from(last.leg.status_code).ok()
    }

    /// All of them, for the record of the call, which ends now.
    pub(super) fn all(&self) -> Vec<CallLeg> {
        let now = self.clock.now();
        let all = self.all.lock();
        let ended = |kept: &Kept| CallLeg {
            // Whoever answered has spoken until now.
            ended_at: if kept.leg.answered_at.is_some() && !kept.left {
                now
            } else {
                kept.leg.ended_at
            },
            ..kept.leg.clone()
        };
        all.iter().map(ended).collect()
    }
}

impl OpenLeg {
    /// It rings.
    pub(crate) fn rings(&self) {
        let now = self.legs.clock.now();
        if let Some(kept) = self.legs.all.lock().get_mut(self.place) {
            kept.leg.rang_at.get_or_insert(now);
        }
    }

    /// It was answered, and is left now.
    pub(crate) fn is_left(&self) {
        let now = self.legs.clock.now();
        if let Some(kept) = self.legs.all.lock().get_mut(self.place) {
            kept.leg.ended_at = now;
            kept.left = true;
        }
    }

    /// It has said something final.
    pub(crate) fn ends(&self, result: LegResult, status: u16) {
        let now = self.legs.clock.now();
        if let Some(kept) = self.legs.all.lock().get_mut(self.place).filter(|kept| kept.open) {
            kept.open = false;
            kept.leg.ended_at = now;
            kept.leg.result = result;
            kept.leg.status_code = i64::from(status);
            if result == LegResult::Answered {
                kept.leg.answered_at = Some(now);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jackfield_domain::Timestamp;

    use super::*;

    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_micros(7)
        }
    }

    #[test]
    fn the_first_end_of_a_leg_counts() {
        let legs = Legs::new(Arc::new(Still));
        let one = legs.open("1001", ("d1", ""), (&["1001".to_owned()], "because"));
        let other = legs.open("1001", ("d2", ""), (&["1001".to_owned()], "because"));
        one.rings();
        one.ends(LegResult::Busy, 486);
        one.ends(LegResult::Answered, 200);
        other.ends(LegResult::Answered, 200);
        let late = legs.open("1001", ("d3", ""), (&[], ""));
        legs.close(LegResult::Elsewhere);
        late.ends(LegResult::Answered, 200);
        let seen: Vec<_> = legs
            .all()
            .into_iter()
            .map(|leg| {
                (
                    leg.device,
                    leg.result,
                    leg.status_code,
                    leg.rang_at.is_some(),
                    leg.answered_at.is_some(),
                )
            })
            .collect();
        let expected = [
            ("d1".to_owned(), LegResult::Busy, 486, true, false),
            ("d2".to_owned(), LegResult::Answered, 200, false, true),
            ("d3".to_owned(), LegResult::Elsewhere, 0, false, false),
        ];
        assert_eq!(seen, expected);
    }
}
