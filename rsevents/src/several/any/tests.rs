//! When the spin of a wait for one of several objects ends.

use core::pin::pin;
use core::task::Waker;

use super::*;
use crate::raw::scenarios::all_of::all_of;
use crate::{AutoResetEvent, EventState, Gate, Part, Rule};

/// A wait takes what it asks for.
struct Units;

impl Rule for Units {
    fn take(value: u64, request: u32) -> Option<u64> {
        value.checked_sub(request.into())
    }
}

struct One(Gate<Units>);

impl Signal for One {
    fn part(&self) -> Part<'_> {
        self.0.part(1)
    }
}

/// What the first poll of the spin says of a wait for one of these.
fn first_poll(signals: &[&dyn Signal]) -> ControlFlow<bool> {
    let mut any = AnyOf::new();
    // SAFETY: the objects are borrowed.
    unsafe { fill(&mut any, &signals) };
    let any = pin!(any);
    let wait = BlockingAny { any: any.as_ref(), place: Cell::new(None) };
    wait.polls()()
}

#[test]
fn the_spin_ends_where_an_object_is_watched() {
    let [event, other] = [(); 2].map(|()| AutoResetEvent::new(EventState::Unset));
    let one = One(Gate::new(0));
    assert!(first_poll(&[&event, &one, &other]).is_continue());
    let mut all = pin!(all_of(&[&event, &one]));
    assert!(all.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_eq!(first_poll(&[&other, &event]), ControlFlow::Break(false));
    assert_eq!(first_poll(&[&other, &one]), ControlFlow::Break(false));
    other.set();
    assert_eq!(first_poll(&[&event, &other]), ControlFlow::Break(true));
}
