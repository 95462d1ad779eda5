//! Calls of a semaphore whose permits are kept for the first wait in the queue, which has been released by another
//! object. Random programs hardly ever get there.

use rsevents::AutoResetEvent;

use super::calls::{Different, Few, List, MOST, Target, TaskCall, Within};
use crate::program::{Number, Program, Step};
use crate::run::run;
use crate::stats::Stats;

const KEPT: Few = Few(3);
const DUE: Few = Few(2);

/// A list that begins with these.
fn any(first: &[(Target, Few)]) -> List {
    let mut all = [(Target::Auto, Few(0)); MOST];
    all[..first.len()].copy_from_slice(first);
    List { all, length: first.len() }
}

/// The semaphore, first and alone in its order.
fn all(permits: Few) -> Different {
    let order = Target::Semaphore as u8;
    Different { order, length: 1, permits, ..Different::default() }
}

/// Runs programs that make these calls while permits are due to another wait, and while they are hidden from new
/// waits though no other is there for them. The models fail it if the objects do something else.
fn check(calls: impl IntoIterator<Item = TaskCall, IntoIter: Clone>) {
    let calls = calls.into_iter();
    for target in [Target::Semaphore, Target::Manual] {
        let begin = [
            TaskCall::NewAny(any(&[(Target::Semaphore, KEPT), (Target::Auto, Few(0))])),
            TaskCall::Poll(0),
            TaskCall::New { target, permits: DUE, is_owned: false },
            TaskCall::Poll(1),
            TaskCall::Set(Target::Semaphore, DUE),
            TaskCall::Set(Target::Auto, Few(0)),
        ];
        let steps = begin.into_iter().chain(calls.clone()).map(Step::Task).collect();
        let semaphores = [(Number::Few(1), Number::Few(2)); 2];
        let program = Program { auto: false, manual: false, semaphores, choices: 0, steps };
        run::<AutoResetEvent>(&program, &mut Stats::new());
    }
}

#[test]
fn calls_while_permits_are_due_do_what_the_model_does() {
    for permits in (0..MOST as u8).map(Few) {
        for within in [Within::Zero, Within::Nanoseconds(0), Within::Nanoseconds(1)] {
            check([TaskCall::WaitAny(any(&[(Target::Semaphore, permits)]), within)]);
            check([TaskCall::WaitAll(all(permits), within)]);
        }
        check([TaskCall::Wait0(Target::Semaphore, permits)]);
        check([TaskCall::Set(Target::Semaphore, permits)]);
        check([TaskCall::NewAny(any(&[(Target::Semaphore, permits)])), TaskCall::Poll(2)]);
        check([TaskCall::NewAll(all(permits)), TaskCall::Poll(2)]);
        for call in [TaskCall::Poll(2), TaskCall::Enqueue(1), TaskCall::BlockFor(1)] {
            check([TaskCall::New { target: Target::Semaphore, permits, is_owned: true }, call]);
        }
    }
    for number in 0..2 {
        let calls = [TaskCall::Poll, TaskCall::PollAgain, TaskCall::Drop, TaskCall::Leak];
        for call in calls {
            check([call(number)]);
        }
    }
}
