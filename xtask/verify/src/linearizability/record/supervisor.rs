//! Watching from outside whether a batch goes on. Who watches calls nothing of the object's, so that no call
//! can stop it.

use std::convert::Infallible;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::batch::Batch;
use super::{Recorded, Subject};

/// How often to look whether all goes on.
const LOOK: Duration = Duration::from_millis(20);

/// Waits until the other side of `over` is dropped. If nothing happens for as long as `patience`, returns the
/// history that does not go on.
pub(super) fn supervise<S: Subject>(
    batch: &Batch<S>,
    over: &Receiver<Infallible>,
    patience: Duration,
) -> Result<(), Box<Recorded<S>>> {
    let mut seen = batch.signs_of_life();
    let mut since = Instant::now();
    while over.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
        let now = batch.signs_of_life();
        if seen != now {
            (seen, since) = (now, Instant::now());
        } else if since.elapsed() > patience {
            return Err(Box::new(stalled(batch)));
        }
    }
    Ok(())
}

/// The history that the conductor is in a call of. If there is none, that which the others make.
fn stalled<S: Subject>(batch: &Batch<S>) -> Recorded<S> {
    let aided = batch.runs.iter().find(|run| run.is_aided());
    let run = aided.unwrap_or_else(|| &batch.runs[batch.current()]);
    run.history().with_pending(run.pending())
}

#[cfg(test)]
mod tests {
    use std::thread;

    use fastrand::Rng;

    use super::super::{CONDUCTOR_NAME, OperationOf, record};
    use super::*;
    use crate::linearizability::history::{Answer, CONDUCTOR};
    use crate::linearizability::objects::countdown::Call;
    use crate::spec::Countdown;

    /// A countdown that never answers the conductor.
    struct Shy(rsevents_extra::CountdownEvent);

    impl Subject for Shy {
        type Model = Countdown;
        type Held<'a> = ();

        const SETTING: () = ();

        fn new(model: &Countdown) -> Self {
            Self(Subject::new(model))
        }

        fn perform(&self, operation: Call, held: &mut ()) -> Option<Answer> {
            while thread::current().name() == Some(CONDUCTOR_NAME) {
                thread::park();
            }
            self.0.perform(operation, held)
        }

        fn rescue(pending: &[OperationOf<Self>], perform: impl FnMut(Call) -> Answer) {
            rsevents_extra::CountdownEvent::rescue(pending, perform);
        }
    }

    #[test]
    fn a_rescue_or_last_look_that_does_not_return_is_a_stall() {
        let patience = Duration::from_millis(500);
        let history = record::<Shy>(1, 2, patience, &mut Rng::with_seed(1)).unwrap_err();
        let by_conductor = history.pending().iter().find(|call| call.thread == CONDUCTOR);
        assert!(matches!(by_conductor.unwrap().operation, Call::Count));
    }
}
