//! The terminal's eight timers.

use std::time::Duration;

use toolkit::element::{TimerId, TimerValue};

/// A timer that runs.
#[derive(Debug, Clone, Copy)]
struct Running {
    set: Duration,
    left: Duration,
}

/// The timers, of which some run, and those that have run down and are not told yet.
///
/// Source: ETSI TS 102 223 clause 6.6.21, and timer expiration.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    running: [Option<Running>; 8],
    down: Vec<(TimerId, TimerValue)>,
}

impl Timers {
    /// Starts one, whether it runs or not.
    pub(crate) fn start(&mut self, timer: TimerId, value: TimerValue) {
        let set = Duration::from_secs(u64::from(value.total_seconds()));
        self.down.retain(|(other, _)| *other != timer);
        if let Some(place) = self.place(timer) {
            *place = Some(Running { set, left: set });
        }
    }

    /// What is left of one; `None` if it does not run.
    pub(crate) fn left(&mut self, timer: TimerId) -> Option<TimerValue> {
        self.place(timer).and_then(|running| running.map(|running| value(running.left)))
    }

    /// Stops one, and returns what was left.
    pub(crate) fn stop(&mut self, timer: TimerId) -> Option<TimerValue> {
        self.place(timer).and_then(Option::take).map(|running| value(running.left))
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, time: Duration) {
        for (number, place) in (1..).zip(&mut self.running) {
            let (Some(running), Some(timer)) = (place.as_mut(), TimerId::new(number)) else { continue };
            running.left = running.left.saturating_sub(time);
            if running.left.is_zero() {
                self.down.push((timer, value(running.set)));
                *place = None;
            }
        }
    }

    /// One that has run down, and how long it ran; it is not told again.
    pub(crate) fn take_down(&mut self) -> Option<(TimerId, TimerValue)> {
        if self.down.is_empty() { None } else { Some(self.down.remove(0)) }
    }

    /// One that could not be told.
    pub(crate) fn put_back(&mut self, down: (TimerId, TimerValue)) {
        self.down.insert(0, down);
    }

    fn place(&mut self, timer: TimerId) -> Option<&mut Option<Running>> {
        self.running.get_mut(usize::from(timer.value().saturating_sub(1)))
    }
}

/// In hours, minutes and seconds; a begun second counts.
fn value(time: Duration) -> TimerValue {
    let seconds = time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0));
    let part = |value: u64| u8::try_from(value).ok();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let exact = || TimerValue::new(part(hours)?, part(minutes)?, part(seconds % 60)?);
    exact().unwrap_or(TimerValue { hours: 99, minutes: 59, seconds: 59 })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_runs_down_once() {
        let mut timers = Timers::default();
        let (one, eight) = (TimerId::new(1).unwrap(), TimerId::new(8).unwrap());
        timers.start(one, TimerValue::new(0, 0, 5).unwrap());
        timers.start(eight, TimerValue::new(1, 2, 3).unwrap());
        timers.pass(Duration::from_millis(3_500));
        assert_eq!(timers.left(one), TimerValue::new(0, 0, 2));
        assert_eq!(timers.left(eight), TimerValue::new(1, 2, 0));
        assert_eq!(timers.take_down(), None);
        timers.pass(Duration::from_secs(2));
        assert_eq!(timers.left(one), None);
        assert_eq!(timers.take_down(), Some((one, TimerValue::new(0, 0, 5).unwrap())));
        assert_eq!(timers.take_down(), None);
        assert_eq!(timers.stop(eight), TimerValue::new(1, 1, 58));
        assert_eq!(timers.stop(eight), None);
    }
}
