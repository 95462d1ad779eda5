//! Our events and the model agree on any system, and events that are broken are found.

use std::time::Duration;

use fastrand::Rng;
use rsevents::{AutoResetEvent, ManualResetEvent};

use super::conductor::Conductor;
use super::program::{Observed, Step, THREADS};
use super::{Program, ours, subject};
use crate::broken::{Broken, Fault, NoReset, NoTimeout, NotConsumed, ReturnsByItself, SetLost};
use crate::event::{Event, Kind};
use crate::op::event::EventModel;
use crate::op::event::Operation::{Reset, Set, Wait};
use crate::wait::WaitKind;

const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn our_events_do_what_is_predicted() {
    let mut conductor = Conductor::new(PATIENCE);
    let mut rng = Rng::with_seed(1);
    for _ in 0..500 {
        let program = Program::random(&mut rng);
        let predicted = program.predict();
        let event = ours(&program.event);
        let transcript = conductor.run(&program, &predicted, &event).unwrap();
        assert_eq!(transcript, predicted, "{program:?}");
    }
}

#[test]
fn programs_leave_no_thread_blocked_and_one_to_set() {
    let mut rng = Rng::with_seed(2);
    let mut has_blocked = 0;
    for _ in 0..1000 {
        let program = Program::random(&mut rng);
        let mut blocked = 0;
        for answer in program.predict() {
            match answer {
                Observed::Blocks => blocked += 1,
                Observed::Released(released) => blocked -= released,
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
    let (wait0, blocks) = (Wait(WaitKind::Wait0), Wait(WaitKind::Wait));
    let steps = [blocks, blocks, Set, wait0, Reset, wait0, Set, Set, wait0, wait0];
    let predicted = |kind| {
        let steps = steps.map(|call| (0, Step::Call(call))).to_vec();
        Program { event: EventModel { kind, is_set: false }, lingers: false, steps }.predict()
    };
    let released = Observed::Released;
    let (yes, no, blocked) = (Observed::Waited(true), Observed::Waited(false), Observed::Blocks);
    assert_eq!(
        predicted(Kind::Auto),
        [blocked, blocked, released(1), no, released(0), no, released(1), released(0), yes, no]
    );
    assert_eq!(
        predicted(Kind::Manual),
        [blocked, blocked, released(2), yes, released(0), no, released(0), released(0), yes, yes]
    );
}

/// Whether random programs find that such events are broken.
fn is_found<E: Event, F: Fault<E>>() -> bool {
    // Where a broken event releases no waiter, it takes this long to notice.
    let mut conductor = Conductor::new(Duration::from_secs(1));
    let mut rng = Rng::with_seed(3);
    let programs = std::iter::repeat_with(|| Program::random(&mut rng));
    programs.filter(|program| program.event.kind == E::KIND).take(1000).any(|program| {
        let predicted = program.predict();
        let event = subject::<Broken<E, F>>(&program.event);
        conductor.run(&program, &predicted, &event).ok() != Some(predicted)
    })
}

#[test]
fn broken_events_are_found() {
    assert!(is_found::<ManualResetEvent, NoReset>());
    assert!(is_found::<AutoResetEvent, NoReset>());
    assert!(is_found::<AutoResetEvent, NotConsumed>());
    assert!(is_found::<ManualResetEvent, NoTimeout>());
    assert!(is_found::<AutoResetEvent, SetLost>());
}

#[test]
fn wait_that_returns_by_itself_is_found() {
    let mut conductor = Conductor::new(PATIENCE);
    // The set would make it return anyway.
    let steps = [Wait(WaitKind::Wait), Set].map(|call| (0, Step::Call(call))).to_vec();
    let program =
        Program { event: EventModel { kind: Kind::Manual, is_set: false }, lingers: true, steps };
    let predicted = program.predict();
    let mut is_found = || {
        let event = subject::<Broken<ManualResetEvent, ReturnsByItself>>(&program.event);
        conductor.run(&program, &predicted, &event).unwrap() != predicted
    };
    assert!((0..1000).any(|_| is_found()));
}
