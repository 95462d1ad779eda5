//! Races that are the same on both events but for what a wait leaves behind.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicPtr};
use std::time::Duration;

use super::{
    Event, Shared, assert_rules, join_all, shared, spawn_on, spawn_publishers, wait_until_queued,
};
use crate::EventState;
use crate::deadline::Limit;
use crate::sync::Ordering;
use crate::sync::testing::{Arc, SOON, spawn};

/// Contract 11, 27, 85, 86, 97: a set is not lost to a timeout. It stays for the next wait, and publishes
/// to it.
pub(super) fn set_against_timeout<E: Event>(s: &Arc<Shared<E>>) {
    let setter = spawn_on(s, |s| s.publish(0));
    if !s.object.wait_for(SOON) {
        s.object.wait();
    }
    s.assert_published(0);
    setter.join().unwrap();
    assert_eq!(s.object.wait0(), !E::CONSUMES, "one set released two waits, or is lost");
}

/// Contract 7, 8, 33, 34.
pub(super) fn two_sets_against_two_parked<E: Event>(s: &Arc<Shared<E>>) {
    let waiters = [(); 2].map(|()| spawn_on(s, |s| s.object.wait()));
    wait_until_queued(&s.object, 2);
    let setter = spawn_on(s, |s| s.object.set());
    s.object.set();
    join_all(waiters);
    setter.join().unwrap();
    assert_eq!(s.object.wait0(), !E::CONSUMES);
}

/// Contract 87, 88. That both threads have set is read in a way that orders nothing.
pub(super) fn two_sets_publish_for_both<E: Event>(s: &Arc<Shared<E>>) {
    two_sets_publish_after(s, |_| false);
}

/// Contract 87, 88, where one of the sets finds that the only waiter has just timed out.
pub(super) fn two_sets_after_a_timeout_publish_for_both<E: Event>(s: &Arc<Shared<E>>) {
    two_sets_publish_after(s, |event| event.wait_for(SOON));
}

fn two_sets_publish_after<E: Event>(s: &Arc<Shared<E>>, wait: fn(&E) -> bool) {
    let setters = spawn_publishers(s);
    if !wait(&s.object) && s.note.load(Ordering::Relaxed) == 2 {
        if E::CONSUMES {
            s.object.wait();
        } else {
            // A wait may see the older of the two sets: its load need not see the newest state until
            // some order says so. A reset does.
            s.object.reset();
        }
        s.assert_published(0);
        s.assert_published(1);
        assert!(!s.object.wait0());
    }
    join_all(setters);
}

/// Contract 89: reset, check for work, wait. A reset must not discard the work that was published by the
/// set that it undoes.
pub(super) fn set_against_reset<E: Event>(s: &Arc<Shared<E>>) {
    let setter = spawn_on(s, |s| {
        s.note.store(1, Ordering::Relaxed);
        s.object.set();
    });
    s.object.reset();
    if s.note.load(Ordering::Relaxed) == 0 {
        s.object.wait(); // never returns if the reset has undone the set and the load is stale
    }
    setter.join().unwrap();
}

/// Contract 89, where the reset also undoes an earlier set.
pub(super) fn set_against_reset_of_a_set_event<E: Event>(s: &Arc<Shared<E>>) {
    s.object.set();
    set_against_reset(s);
}

/// Contract 89: a set publishes also to a reset that finds it undone or taken. That it was is read in a way that
/// orders nothing.
pub(super) fn reset_after_the_set_was_undone<E: Event>(s: &Arc<Shared<E>>) {
    let setter = spawn_on(s, |s| s.publish(0));
    let other = spawn_on(s, |s| {
        if s.object.wait0() {
            s.object.reset();
            s.note.store(1, Ordering::Relaxed);
        }
    });
    if s.note.load(Ordering::Relaxed) == 1 {
        s.object.reset();
        s.assert_published(0);
    }
    join_all([setter, other]);
}

/// Contract 16, 31: never woken out of turn.
pub(super) fn ping_pong<E: Event>(ping: &Arc<Shared<E>>) {
    let pong = shared(E::from(EventState::Unset));
    let wait = |event: &E| {
        event.wait();
        if !E::CONSUMES {
            event.reset();
        }
    };
    let other = spawn({
        let (ping, pong) = (Arc::clone(ping), Arc::clone(&pong));
        move || {
            for round in 0..2 {
                wait(&ping.object);
                assert_eq!(ping.data[0].get(), 2 * round + 1, "out of turn");
                ping.data[0].set(2 * round + 2);
                pong.object.set();
            }
        }
    });
    for round in 0..2 {
        ping.data[0].set(2 * round + 1);
        ping.object.set();
        wait(&pong.object);
        assert_eq!(ping.data[0].get(), 2 * round + 2, "out of turn");
    }
    other.join().unwrap();
    assert_rules(&pong.object);
}

/// The truth table, checked during a set, a reset of a manual event, and timeouts.
pub(super) fn rules_hold_at_any_moment<E: Event>(s: &Arc<Shared<E>>) {
    let waiters = [(); 2].map(|()| spawn_on(s, |s| s.object.wait_for(SOON)));
    let setter = spawn_on(s, |s| {
        s.object.set();
        if !E::CONSUMES {
            s.object.reset();
        }
    });
    assert_rules(&s.object);
    join_all(waiters);
    setter.join().unwrap();
}

/// Contract 92, 99: a set that comes after the first check of a wait, and before the wait finds that its
/// limit has passed, is in time.
pub(super) fn set_before_the_limit<E: Event>(s: &Arc<Shared<E>>) {
    let setter = Cell::new(Some(spawn_on(s, |s| s.object.set())));
    let join_setter = || setter.take().map_or((), |setter| setter.join().unwrap());
    let limit = || {
        join_setter();
        Limit::For(Duration::ZERO)
    };
    assert!(s.object.wait_until_limit(&limit));
    join_setter();
    assert_eq!(s.object.wait0(), !E::CONSUMES, "one set released two waits, or is lost");
}

/// Contract 99: the same where only the clock orders the set before the limit.
pub(super) fn set_before_the_limit_by_the_clock<E: Event>(s: &Arc<Shared<E>>) {
    // It is not loom's: as the clock, it orders nothing in the model.
    let has_set = Arc::new(AtomicBool::new(false));
    let setter = spawn_on(s, {
        let has_set = Arc::clone(&has_set);
        move |s| {
            s.publish(0);
            has_set.store(true, Ordering::Release);
        }
    });
    let was_set = Cell::new(false);
    let limit = || {
        was_set.set(has_set.load(Ordering::Acquire));
        Limit::For(Duration::ZERO)
    };
    let succeeded = s.object.wait_until_limit(&limit);
    assert!(succeeded || !was_set.get(), "the set was before the limit");
    if succeeded {
        s.assert_published(0);
    }
    setter.join().unwrap();
}

/// Contract 227: the waiter frees the event as soon as its wait has returned. The first wait may leave the
/// queue while the setter, which has found it parked, is about to lock the queue.
pub(super) fn freed_by_the_waiter<E: Event>(_: &Arc<Shared<E>>) {
    let event = Box::into_raw(Box::new(E::from(EventState::Unset)));
    let shared = AtomicPtr::new(event);
    // SAFETY: the waiter frees the event once its wait has returned, which takes this set. That the set
    // no longer accesses the event then is what is explored.
    let setter = spawn(move || unsafe { &*shared.into_inner() }.set());
    {
        // SAFETY: the event is freed only below.
        let event = unsafe { &*event };
        if !event.wait_for(SOON) {
            event.wait();
        }
    }
    // SAFETY: it came from a box, and the wait for the only other access has returned.
    drop(unsafe { Box::from_raw(event) });
    setter.join().unwrap();
}
