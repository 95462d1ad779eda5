//! The objects that futures wait for.

use std::sync::Arc;

use rsevents::{AutoResetEvent, EventState, ManualResetEvent, Signal};
use rsevents_extra::{CountdownEvent, Request, Semaphore};

use super::calls::{Few, MOST, Target};

/// The objects.
#[derive(Debug)]
pub(crate) struct Objects {
    pub(super) auto: Arc<AutoResetEvent>,
    pub(super) manual: Arc<ManualResetEvent>,
    pub(super) countdown: Arc<CountdownEvent>,
    pub(super) semaphore: Arc<Semaphore>,
}

impl Objects {
    /// New ones, perhaps where others were, for which leaked futures wait.
    pub(crate) fn new() -> Self {
        Self {
            auto: Arc::new(AutoResetEvent::new(EventState::Unset)),
            manual: Arc::new(ManualResetEvent::new(EventState::Unset)),
            countdown: Arc::new(CountdownEvent::new(1)),
            semaphore: Arc::new(Semaphore::new(0, u16::MAX)),
        }
    }
}

/// Requests for each number of permits, which waits for any or for all share.
#[derive(Debug)]
pub(crate) struct Requests<'a>([Request<'a>; MOST]);

impl Objects {
    pub(crate) fn requests(&self) -> Requests<'_> {
        Requests(std::array::from_fn(|permits| self.semaphore.request(permits as u16)))
    }

    pub(super) fn signal<'a>(
        &'a self,
        requests: &'a Requests<'a>,
        (target, permits): (Target, Few),
    ) -> &'a dyn Signal {
        match target {
            Target::Auto => &*self.auto,
            Target::Manual => &*self.manual,
            Target::Countdown => &*self.countdown,
            Target::Semaphore => &requests.0[usize::from(permits.0)],
        }
    }
}

impl<'a> Requests<'a> {
    pub(super) fn request(&'a self, (target, permits): (Target, Few)) -> Option<&'a Request<'a>> {
        (target == Target::Semaphore).then(|| &self.0[usize::from(permits.0)])
    }
}

/// Objects that are there for ever, as futures that wait for all need them, and requests of theirs.
pub(crate) type Lasting = (&'static Objects, &'static Requests<'static>);
