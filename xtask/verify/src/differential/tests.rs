//! Our events and the model agree on any system, and events that are broken are found.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fastrand::Rng;

use super::conductor::Conductor;
use super::predictor::predict;
use super::program::{Limit, Step, THREADS};
use super::subject::Answer;
use super::{Program, Subject, ours};
use crate::spec::Kind;

const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn our_events_do_what_is_predicted() {
    let conductor = Conductor::new(PATIENCE);
    let mut rng = Rng::with_seed(1);
    for _ in 0..500 {
        let program = Program::random(&mut rng);
        let predicted = predict(&program);
        let event = ours(program.kind, program.is_set);
        let transcript = conductor.run(&program, &predicted, event).unwrap();
        assert_eq!(transcript, predicted, "{program:?}");
    }
}

#[test]
fn programs_leave_nobody_blocked_and_somebody_to_set() {
    let mut rng = Rng::with_seed(2);
    let mut has_blocked = 0;
    for _ in 0..1000 {
        let program = Program::random(&mut rng);
        let mut blocked = 0;
        for answer in predict(&program) {
            match answer {
                Answer::Blocks => blocked += 1,
                Answer::Done { released } => blocked -= released,
                _ => {}
            }
            assert!(blocked < THREADS, "{program:?}");
            has_blocked = has_blocked.max(blocked);
        }
        assert_eq!(blocked, 0, "{program:?}");
    }
    assert_eq!(has_blocked, THREADS - 1);
}

#[test]
fn prediction_of_a_program() {
    use Step::{Reset, Set, Wait};
    let wait0 = Wait(Limit::Zero);
    let blocks = Wait(Limit::Infinite);
    let steps = [blocks, blocks, Set, wait0, Reset, wait0, Set, Set, wait0, wait0];
    let predicted = |kind| {
        let steps = steps.map(|step| (0, step)).to_vec();
        predict(&Program { kind, is_set: false, lingers: false, steps })
    };
    let released = |released| Answer::Done { released };
    let (yes, no, blocked) = (Answer::Waited(true), Answer::Waited(false), Answer::Blocks);
    assert_eq!(
        predicted(Kind::Auto),
        [blocked, blocked, released(1), no, released(0), no, released(1), released(0), yes, no]
    );
    assert_eq!(
        predicted(Kind::Manual),
        [blocked, blocked, released(2), yes, released(0), no, released(0), released(0), yes, yes]
    );
}

/// An event with something broken.
struct Broken {
    event: Arc<dyn Subject>,
    how: How,
    /// For sets of which every other is lost.
    is_lost: AtomicBool,
}

#[derive(Clone, Copy)]
enum How {
    ResetDoesNothing,
    WaitDoesNotConsume,
    WaitNeverTimesOut,
    SetGetsLost,
}

impl Subject for Broken {
    fn set(&self) {
        match self.how {
            How::SetGetsLost if self.is_lost.fetch_xor(true, Ordering::Relaxed) => {}
            _ => self.event.set(),
        }
    }

    fn reset(&self) {
        if !matches!(self.how, How::ResetDoesNothing) {
            self.event.reset();
        }
    }

    fn wait(&self, limit: Option<Duration>) -> bool {
        let succeeds = self.event.wait(limit);
        match self.how {
            How::WaitNeverTimesOut => return true,
            How::WaitDoesNotConsume if succeeds => self.event.set(),
            _ => {}
        }
        succeeds
    }
}

/// Whether random programs find that something is broken.
fn is_found(how: How, kind: Kind) -> bool {
    // Where a broken event releases nobody, it takes this long to notice.
    let patience = Duration::from_secs(1);
    let mut rng = Rng::with_seed(3);
    let conductor = Conductor::new(patience);
    let programs = std::iter::repeat_with(|| Program::random(&mut rng));
    for program in programs.filter(|program| program.kind == kind).take(1000) {
        let predicted = predict(&program);
        let event = ours(kind, program.is_set);
        let broken = Arc::new(Broken { event, how, is_lost: AtomicBool::new(false) });
        if conductor.run(&program, &predicted, broken).ok() != Some(predicted) {
            return true;
        }
    }
    false
}

#[test]
fn reset_that_does_nothing_is_found() {
    assert!(is_found(How::ResetDoesNothing, Kind::Manual));
    assert!(is_found(How::ResetDoesNothing, Kind::Auto));
}

#[test]
fn wait_that_does_not_consume_is_found() {
    assert!(is_found(How::WaitDoesNotConsume, Kind::Auto));
}

#[test]
fn wait_that_never_times_out_is_found() {
    assert!(is_found(How::WaitNeverTimesOut, Kind::Manual));
}

#[test]
fn lost_set_is_found() {
    assert!(is_found(How::SetGetsLost, Kind::Auto));
}

/// An event whose waits last for a moment, and then return by themselves as if they had succeeded.
struct Impatient(Arc<dyn Subject>);

impl Subject for Impatient {
    fn set(&self) {
        self.0.set();
    }

    fn reset(&self) {
        self.0.reset();
    }

    fn wait(&self, limit: Option<Duration>) -> bool {
        const MOMENT: Duration = Duration::from_micros(5);
        match limit {
            Some(Duration::ZERO) => self.0.wait(limit),
            _ => {
                self.0.wait(Some(MOMENT));
                true
            }
        }
    }
}

#[test]
fn wait_that_returns_by_itself_is_found() {
    let conductor = Conductor::new(PATIENCE);
    // The set would make it return anyway.
    let steps = vec![(0, Step::Wait(Limit::Infinite)), (0, Step::Set)];
    let program = Program { kind: Kind::Manual, is_set: false, lingers: true, steps };
    let predicted = predict(&program);
    let is_found = || {
        let event = Arc::new(Impatient(ours(program.kind, program.is_set)));
        conductor.run(&program, &predicted, event).unwrap() != predicted
    };
    assert!((0..1000).any(|_| is_found()));
}
