//! Our objects and the model agree on any system, and objects that are broken are found.

use std::time::Duration;

use fastrand::Rng;
use rsevents::{AutoResetEvent, ManualResetEvent};

use super::conductor::Conductor;
use super::program::{MOST, Observed, Step, THREADS};
use super::{Model, Program, Subject, ours, subject};
use crate::broken::{
    Broken, ConsumesAll, Fault, NoReset, NoTimeout, NotConsumed, ReturnsByItself, SetLost,
    TakesOneByOne,
};
use crate::event::{Event, Kind};
use crate::op::event::{self, EventModel};
use crate::op::several::Operation::{Reset, Set, Wait, WaitAll, WaitAny};
use crate::op::several::{OneModel, Operation, Several};
use crate::op::{Answer, Object};
use crate::wait::WaitKind;

const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn our_objects_do_what_is_predicted() {
    let mut conductor = Conductor::new(PATIENCE);
    let mut rng = Rng::with_seed(1);
    for _ in 0..500 {
        let program = Program::random(&mut rng);
        let predicted = program.predict();
        let objects = ours(&program.objects);
        let transcript = conductor.run(&program, &predicted, &objects).unwrap();
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
        for observed in program.predict() {
            match observed {
                Observed::Blocks => blocked += 1,
                Observed::Released(returns) => blocked -= returns.len(),
                _ => {}
            }
            assert!(blocked < THREADS, "{program:?}");
            has_blocked = has_blocked.max(blocked);
        }
        assert_eq!(blocked, 0, "{program:?}");
    }
    assert_eq!(has_blocked, THREADS - 1);
}

fn event(kind: Kind) -> OneModel {
    OneModel::Event(EventModel { kind, is_set: false })
}

fn program(objects: &[OneModel], calls: &[Operation], lingers: bool) -> Program {
    let steps = calls.iter().map(|&call| (0, Step::Call(call))).collect();
    Program { objects: Model::new(objects), lingers, steps }
}

const WAITED: Observed = Observed::Waited(Answer::Is(true));
const TIMED_OUT: Observed = Observed::Waited(Answer::Is(false));

fn released(returns: &[(Operation, Answer)]) -> Observed {
    Observed::Released(returns.to_vec())
}

#[test]
fn prediction_of_a_program() {
    let (wait0, blocks) = (Wait(1, WaitKind::Wait0), Wait(1, WaitKind::Wait));
    let (set, reset) = (Set(1), Reset(1));
    let calls = [blocks, blocks, set, wait0, reset, wait0, set, set, wait0, wait0];
    let predicted = |kind| program(&[event(kind)], &calls, false).predict();
    let wait = (blocks, Answer::Is(true));
    let (none, one, two) = (released(&[]), released(&[wait]), released(&[wait, wait]));
    let blocked = || Observed::Blocks;
    let auto = [
        blocked(),
        blocked(),
        one.clone(),
        TIMED_OUT,
        none.clone(),
        TIMED_OUT,
        one,
        none.clone(),
        WAITED,
        TIMED_OUT,
    ];
    assert_eq!(predicted(Kind::Auto), auto);
    let manual = [
        blocked(),
        blocked(),
        two,
        WAITED,
        none.clone(),
        TIMED_OUT,
        none.clone(),
        none,
        WAITED,
        WAITED,
    ];
    assert_eq!(predicted(Kind::Manual), manual);
}

#[test]
fn prediction_of_waits_for_several() {
    let objects = [event(Kind::Auto), event(Kind::Auto), OneModel::Permits(0)];
    let (all, any) = (WaitAll(13, WaitKind::Wait), WaitAny(321, WaitKind::Wait));
    let calls = [all, Set(1), any, Set(3), Set(2), WaitAny(12, WaitKind::Wait0), Set(1)];
    let predicted = program(&objects, &calls[..3], false).predict();
    // The first is set, so that the second wait passes at once.
    assert_eq!(predicted, [Observed::Blocks, released(&[]), Observed::Waited(Answer::Number(2))]);
    let predicted = program(&objects, &[all, any, Set(2), Set(3), Set(1)], false).predict();
    let (any, all) = ((any, Answer::Number(1)), (all, Answer::Is(true)));
    let expected =
        [Observed::Blocks, Observed::Blocks, released(&[any]), released(&[]), released(&[all])];
    assert_eq!(predicted, expected);
}

#[test]
#[should_panic(expected = "an outcome that is determined")]
fn what_depends_on_the_order_of_waits_is_not_predicted() {
    let calls = [Wait(1, WaitKind::Wait), WaitAny(21, WaitKind::Wait), Set(1)];
    program(&[event(Kind::Auto), event(Kind::Auto)], &calls, false).predict();
}

/// A broken event, which is the only object.
fn broken<E: Event, F: Fault<E>>(model: &Model) -> Subject {
    let [OneModel::Event(model)] = model.objects() else { panic!("one event") };
    let event = Broken::<E, F>::new(model);
    Subject::from(Box::new(move |operation| {
        let perform = |operation| event.perform(operation, &mut 0).expect("no permits are needed");
        match operation {
            Set(_) => perform(event::Operation::Set),
            Reset(_) => perform(event::Operation::Reset),
            Operation::IsSet(_) => perform(event::Operation::IsSet),
            Wait(_, kind) | WaitAll(_, kind) => perform(event::Operation::Wait(kind)),
            WaitAny(_, kind) => match perform(event::Operation::Wait(kind)) {
                Answer::Is(true) => Answer::Number(0),
                failed => failed,
            },
        }
    }) as Box<dyn Fn(Operation) -> Answer + Send + Sync>)
}

/// Whether random programs on objects like these find that they are broken.
fn is_found(objects: &[OneModel], make: fn(&Model) -> Subject) -> bool {
    // Where a broken object releases no waiter, it takes this long to notice.
    let mut conductor = Conductor::new(Duration::from_secs(1));
    let mut rng = Rng::with_seed(3);
    let objects = Model::new(objects);
    (0..1000).any(|_| {
        let program = Program::random_on(&objects, &mut rng);
        let predicted = program.predict();
        conductor.run(&program, &predicted, &make(&objects)).ok() != Some(predicted)
    })
}

#[test]
fn broken_events_are_found() {
    let [auto, manual] = [Kind::Auto, Kind::Manual].map(|kind| [event(kind)]);
    assert!(is_found(&manual, broken::<ManualResetEvent, NoReset>));
    assert!(is_found(&auto, broken::<AutoResetEvent, NoReset>));
    assert!(is_found(&auto, broken::<AutoResetEvent, NotConsumed>));
    assert!(is_found(&manual, broken::<ManualResetEvent, NoTimeout>));
    assert!(is_found(&auto, broken::<AutoResetEvent, SetLost>));
}

#[test]
fn broken_waits_for_several_are_found() {
    let objects = [event(Kind::Auto), OneModel::Permits(1), event(Kind::Auto)];
    assert!(is_found(&objects, subject::<Broken<Several<MOST>, ConsumesAll>>));
    assert!(is_found(&objects, subject::<Broken<Several<MOST>, TakesOneByOne>>));
    assert!(!is_found(&objects, ours));
}

#[test]
fn wait_that_returns_by_itself_is_found() {
    let mut conductor = Conductor::new(PATIENCE);
    // The set would make it return anyway.
    let program = program(&[event(Kind::Manual)], &[Wait(1, WaitKind::Wait), Set(1)], true);
    let predicted = program.predict();
    let mut is_found = || {
        let event = broken::<ManualResetEvent, ReturnsByItself>(&program.objects);
        conductor.run(&program, &predicted, &event).unwrap() != predicted
    };
    assert!((0..1000).any(|_| is_found()));
}
