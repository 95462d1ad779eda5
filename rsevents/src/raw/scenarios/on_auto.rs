//! Races on an auto-reset event.

pub(super) use super::on_both::*;
pub(super) use super::on_both::{
    two_sets_after_a_timeout_publish_for_both as coalesced_sets_after_a_timeout_publish_for_both,
    two_sets_publish_for_both as coalesced_sets_publish_for_both,
};

use super::{join_all, spawn_on, wait_until_queued};
use crate::sync::testing::{Arc, SOON};
use crate::{AutoResetEvent, Awaitable};

type Shared = Arc<super::Shared<AutoResetEvent>>;

/// Contract 6, 86.
pub(super) fn set_against_wait(s: &Shared) {
    let setter = spawn_on(s, |s| s.publish(0));
    s.object.wait();
    s.assert_published(0);
    assert!(!s.object.wait0());
    setter.join().unwrap();
}

/// Contract 3, 86, 102.
pub(super) fn set_against_wait0(s: &Shared) {
    let setter = spawn_on(s, |s| s.publish(0));
    let was_set = s.object.is_set();
    if was_set {
        s.assert_published(0);
    }
    let taken = s.object.wait0();
    assert!(taken || !was_set, "`is_set` has taken the set");
    if taken {
        s.assert_published(0);
    }
    setter.join().unwrap();
    assert_eq!(s.object.wait0(), !taken);
}

/// Contract 6, 87: of two sets, the parked thread takes one and the event keeps the other.
pub(super) fn two_sets_against_one_parked(s: &Shared) {
    let waiter = spawn_on(s, |s| s.object.wait());
    wait_until_queued(&s.object, 1);
    let setter = spawn_on(s, |s| s.object.set());
    s.object.set();
    waiter.join().unwrap();
    setter.join().unwrap();
    assert!(s.object.wait0());
    assert!(!s.object.wait0());
}

/// Contract 12.
pub(super) fn two_sets_against_timeout(s: &Shared) {
    let setters = [(); 2].map(|()| spawn_on(s, |s| s.object.set()));
    let waited = usize::from(s.object.wait_for(SOON));
    join_all(setters);
    let left = usize::from(s.object.wait0());
    assert!((1..=2).contains(&(waited + left)));
    assert!(!s.object.wait0());
}

/// Contract 17.
pub(super) fn set_against_two_timeouts(s: &Shared) {
    let waiters = [(); 2].map(|()| spawn_on(s, |s| s.object.wait_for(SOON)));
    s.object.set();
    let waited: usize = join_all(waiters).map(usize::from).iter().sum();
    assert_eq!(waited + usize::from(s.object.wait0()), 1);
}

/// Contract 10.
pub(super) fn reset_against_hand_over(s: &Shared) {
    let waiter = spawn_on(s, |s| s.object.wait());
    wait_until_queued(&s.object, 1);
    s.object.set();
    s.object.reset();
    waiter.join().unwrap();
    assert!(!s.object.wait0());
}

/// Contract 18: a reset does not hide the parked waiter from the next set.
pub(super) fn reset_against_wait(s: &Shared) {
    let waiter = spawn_on(s, |s| s.object.wait());
    s.object.reset();
    s.object.set();
    waiter.join().unwrap();
}

/// Contract 13: a set that changes nothing does not make a wait0 fail.
pub(super) fn set_on_set_against_wait0(s: &Shared) {
    s.object.set();
    let setters = [(); 2].map(|()| spawn_on(s, |s| s.object.set()));
    assert!(s.object.wait0());
    join_all(setters);
}

/// Contract 15, where one of the waits may time out.
pub(super) fn as_a_mutex(s: &Shared) {
    s.object.set();
    let other = spawn_on(s, |s| {
        s.object.wait();
        s.data[0].set(s.data[0].get() + 1);
        s.object.set();
    });
    let mine = s.object.wait_for(SOON);
    if mine {
        s.data[0].set(s.data[0].get() + 1);
        s.object.set();
    }
    other.join().unwrap();
    assert!(s.object.wait0());
    assert_eq!(s.data[0].get(), 1 + usize::from(mine));
}
