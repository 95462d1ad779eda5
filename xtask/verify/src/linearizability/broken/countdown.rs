//! A countdown that is wrong.

use std::thread;

use rsevents_extra::{Awaitable, CountdownEvent};

use crate::linearizability::history::Answer;
use crate::linearizability::objects::countdown::Call;
use crate::linearizability::record::Subject;
use crate::spec::Countdown;

/// Nobody who sleeps is woken by it, so that a rescue is in vain.
pub(super) struct Deaf(CountdownEvent);

impl Subject for Deaf {
    type Model = Countdown;
    type Held<'a> = ();

    const SETTING: () = ();

    fn new(model: &Countdown) -> Self {
        Self(Subject::new(model))
    }

    fn perform(&self, operation: Call, held: &mut ()) -> Option<Answer> {
        if matches!(operation, Call::Wait) && !self.0.wait0() {
            loop {
                thread::park();
            }
        }
        self.0.perform(operation, held)
    }

    fn rescue(pending: &[Call], perform: impl FnMut(Call) -> Answer) {
        CountdownEvent::rescue(pending, perform);
    }
}
