//! A semaphore that is wrong.

use rsevents_extra::SemaphoreGuard;

use crate::linearizability::history::Answer;
use crate::linearizability::objects::semaphore::Call;
use crate::linearizability::record::Subject;
use crate::spec::Semaphore;

/// Of several permits that a guard holds, it gets one less back.
pub(super) struct Greedy(rsevents_extra::Semaphore);

impl Subject for Greedy {
    type Model = Semaphore;
    type Held<'a> = Option<SemaphoreGuard<'a>>;

    const SETTING: () = ();

    fn new(model: &Semaphore) -> Self {
        Self(Subject::new(model))
    }

    fn perform<'a>(&'a self, operation: Call, held: &mut Self::Held<'a>) -> Option<Answer> {
        let several = held.as_ref().map(SemaphoreGuard::permits).filter(|&permits| permits > 1);
        if let (Call::GiveBack, Some(permits)) = (operation, several) {
            let kept = held.as_mut().and_then(|guard| guard.split(1));
            kept.into_iter().for_each(SemaphoreGuard::forget);
            self.0.perform(operation, held);
            return Some(Answer::Number(permits.into()));
        }
        self.0.perform(operation, held)
    }

    fn rescue(pending: &[Call], perform: impl FnMut(Call) -> Answer) {
        rsevents_extra::Semaphore::rescue(pending, perform);
    }
}
