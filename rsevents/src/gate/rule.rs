//! The rule of a gate.

/// When the waits of a [`Gate`](super::Gate) pass: pure functions of its value.
///
/// A rule has no `self`: what differs between instances, as a capacity, is part of the value or the request, a const
/// parameter of the rule, or known to the closure of [`Gate::update`](super::Gate::update).
///
/// The functions may be called at any time, any number of times, and under a lock of this crate. So they must not
/// wait for anything, nor use events or gates, nor may a panic hook do that when they panic. A rule that does not
/// keep to its documentation can let waits hang or miscount, but nothing else. If a function panics, so does the call
/// on the gate that has called it, which may be another thread's, and may have changed the value already. Where a set
/// or a change, also of another object, asks whether a [`wait_all`](crate::wait_all) passes, it does not panic: that
/// wait does not pass then.
pub trait Rule: 'static {
    /// What a wait that asks for `request` leaves of `value` when it passes, or `None` if it has to wait. Of
    /// a number above [`Gate::MAX`](super::Gate::MAX), the highest bits are lost.
    ///
    /// It must not let another request pass at what is left that could not pass at `value`: a wait that passes at once
    /// serves no others, so such a request hangs until the next change.
    fn take(value: u64, request: u32) -> Option<u64>;

    /// Whether any wait might pass at this value, whatever it asks for. By default `true`. May be `true`
    /// although none passes. If it is `false` although one would pass, waits hang: where a request of zero passes at
    /// any value, and is used, this has to be `true` at all of them.
    ///
    /// It also decides which changes may let waits pass that are behind a called one whose thread does not run, where
    /// the value is not enough for both: changes that begin at a value at which this is `false`, after some time. See
    /// the end of the documentation of [`Gate`](super::Gate).
    ///
    /// A change that leaves a value for which this is `false` serves no waits, and takes no lock for them. After each
    /// wait that was served, this is called with the value that is left, less what a called wait asks for: if it is
    /// `false`, the others are not looked at.
    fn opens(value: u64) -> bool {
        let _ = value;
        true
    }

    /// Undoes [`take`](Self::take) for a wait whose future is dropped after the wait has passed, but before the
    /// future was ready. Returns the new value. By default `value`, which is right only if `take` takes nothing for
    /// good: where it does, and tasks may wait, put it back here, or it is lost.
    ///
    /// The value may have changed since the wait passed. The thread that drops the future makes this change, and waits
    /// are served after it. Of a number above [`Gate::MAX`](super::Gate::MAX), the highest bits are lost.
    fn hand_on(value: u64, request: u32) -> u64 {
        let _ = request;
        value
    }

    /// Whether no other wait may pass before one that asks for `request`, from the moment that it is the
    /// first in the queue until it passes or gives up, even if the value is enough. By default `false`.
    /// Without this, a request that needs a large value may never find it, because smaller ones are faster.
    fn keeps(request: u32) -> bool {
        let _ = request;
        false
    }

    /// Whether the gate is open for all requests or for none, and waits leave its value as it is, as those
    /// for a manual-reset event do. By default `false`. If only some requests pass at a value, leave it
    /// `false`.
    ///
    /// Then `take` returns `Some(value)` for every request exactly where [`opens`](Self::opens) is `true`, and
    /// [`keeps`](Self::keeps) has no effect. The step that opens the gate releases all waits that are in the queue.
    const SHARED: bool = false;
}
