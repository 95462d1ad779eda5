//! Races on a gate whose value is a number of permits.

use core::pin::pin;
use core::ptr;
use std::time::Duration;

use super::{
    Permits, Zero, assert_rules, freed_after_wait, inspect, join_all, shared, spawn_on,
    wait_until_called, wait_until_queued,
};
use crate::gate::word::{CALLED, KEPT};
use crate::queue::{self, Claim, Entry, Service, Target, testing};
use crate::sync::testing::{Arc, JoinHandle, SOON, yield_now};
use crate::sync::{self, Ordering};
use crate::{AutoResetEvent, Awaitable, EventState, Gate};

type Shared = Arc<super::Shared<Gate<Permits>>>;

impl super::Shared<Gate<Permits>> {
    /// Writes, then adds a permit.
    fn add(&self, place: usize) {
        self.publish(place, |gate| assert!(gate.add(1) < 2));
    }
}

/// The permit passes the wait, or stays.
pub(super) fn add_against_wait(s: &Shared) {
    let adder = spawn_on(s, |s| s.add(0));
    s.object.wait(1);
    s.assert_published(0);
    adder.join().unwrap();
    assert_eq!(s.object.value(), 0);
}

/// A wait that takes the permit, and a read of the value, see what came before.
pub(super) fn add_against_try_take(s: &Shared) {
    let adder = spawn_on(s, |s| s.add(0));
    let seen = s.object.value();
    if seen == 1 {
        s.assert_published(0);
    }
    let taken = s.object.try_take(1);
    assert!(taken || seen == 0);
    if taken {
        s.assert_published(0);
    }
    adder.join().unwrap();
    assert_eq!(s.object.value(), u64::from(!taken));
}

/// Contract 85, 97: a permit is not lost to a timeout, and publishes to the wait that takes it.
pub(super) fn add_against_timeout(s: &Shared) {
    let adder = spawn_on(s, |s| s.add(0));
    if !s.object.wait_for(1, SOON) {
        s.object.wait(1);
    }
    s.assert_published(0);
    adder.join().unwrap();
    assert_eq!(s.object.value(), 0);
}

/// Contract 92, 99: after the first check, and before the limit.
pub(super) fn add_before_the_limit(s: &Shared) {
    let adder = spawn_on(s, |s| s.add(0));
    let mut adder = Some(adder);
    let mut join = || adder.take().map_or((), |adder| adder.join().unwrap());
    assert!(wait_until_called(&s.object, &mut join));
    join();
    assert_eq!(s.object.value(), 0);
}

pub(super) fn update_against_wait(s: &Shared) {
    let adder = spawn_on(s, |s| {
        s.publish(0, |gate| assert_eq!(gate.update(|value| Some(value + 1)), Ok((0, 1))));
    });
    s.object.wait(1);
    s.assert_published(0);
    adder.join().unwrap();
    assert_eq!(s.object.update(|_| None), Err(0));
}

pub(super) fn two_adds_against_two_waits(s: &Shared) {
    let waiters = [(); 2].map(|()| spawn_on(s, |s| s.object.wait(1)));
    let adder = spawn_on(s, |s| s.add(0));
    s.add(1);
    join_all(waiters);
    adder.join().unwrap();
    assert_eq!(s.object.value(), 0);
}

pub(super) fn two_adds_against_wait_and_timeout(s: &Shared) {
    let waiter = spawn_on(s, |s| s.object.wait(1));
    let timed = spawn_on(s, |s| s.object.wait_for(1, SOON) || s.object.wait_for(1, SOON));
    s.add(0);
    s.add(1);
    waiter.join().unwrap();
    let taken = timed.join().unwrap();
    assert_eq!(s.object.value(), u64::from(!taken));
}

/// That both have added is read in a way that orders nothing. The second add also sees what came before the first.
pub(super) fn two_adds_publish_for_both(s: &Shared) {
    let adders = [0, 1].map(|place| {
        spawn_on(s, move |s| {
            s.data[place].set(7);
            if s.object.add(1) == 1 {
                s.assert_published(1 - place);
            }
            s.note.fetch_add(1, Ordering::Relaxed);
        })
    });
    if s.note.load(Ordering::Relaxed) == 2 {
        assert!(s.object.try_take(1));
        s.assert_published(0);
        s.assert_published(1);
    } else {
        s.object.wait(1);
    }
    join_all(adders);
    assert_eq!(s.object.value(), 1);
}

pub(super) fn add_against_two_timeouts(s: &Shared) {
    let waiters = [(); 2].map(|()| {
        spawn_on(s, |s| {
            let passed = s.object.wait_for(1, SOON);
            if passed {
                s.assert_published(0);
            }
            passed
        })
    });
    s.add(0);
    let passed: u64 = join_all(waiters).map(u64::from).iter().sum();
    assert_eq!(passed + s.object.value(), 1);
}

pub(super) fn add_of_two_against_two_waits(s: &Shared) {
    let waiters = [(); 2].map(|()| {
        spawn_on(s, |s| {
            s.object.wait(1);
            s.assert_published(0);
        })
    });
    s.publish(0, |gate| assert_eq!(gate.add(2), 0));
    join_all(waiters);
    assert_eq!(s.object.value(), 0);
}

/// A called wait that finds its permit taken is before those behind it when the permit comes back.
pub(super) fn overtaken_wait_keeps_its_place(s: &Shared) {
    let first = spawn_on(s, |s| s.object.wait(1));
    wait_until_queued(&s.object, 1);
    let second = spawn_on(s, |s| s.object.wait(1));
    wait_until_queued(&s.object, 2);
    // A thread that has handed off nothing yet, and does not do so at once.
    let barging = spawn_on(s, |s| {
        s.add(0);
        if s.object.try_take(1) {
            s.object.add(1);
        }
    });
    first.join().unwrap();
    assert_eq!(inspect(&s.object).0, 1, "the second wait was before the first");
    barging.join().unwrap();
    s.object.add(1);
    second.join().unwrap();
    assert_eq!(s.object.value(), 0);
}

/// In the model, a wait is overtaken once at most.
pub(super) fn overtaken_wait_is_not_overtaken_again(s: &Shared) {
    let waiter = spawn_on(s, |s| s.object.wait(1));
    wait_until_queued(&s.object, 1);
    let barging = spawn_on(s, |s| {
        for _ in 0..2 {
            if s.object.try_take(1) {
                s.assert_published(0);
                s.object.add(1);
            }
        }
    });
    s.add(0);
    let (queued, word) = inspect(&s.object);
    if word.has(KEPT) && queued > 0 {
        // It sleeps, and has to be let through.
        assert!(!word.has(CALLED));
    }
    waiter.join().unwrap();
    s.assert_published(0);
    barging.join().unwrap();
    assert_eq!(s.object.value(), 0);
}

/// Whether the overtaken wait may be called again is the same in the word and in the queue.
pub(super) fn overtaken_wait_sleeps(s: &Shared) {
    let waiter = spawn_on(s, |s| s.object.wait(1));
    wait_until_queued(&s.object, 1);
    s.object.add(1);
    if s.object.try_take(1) {
        while inspect(&s.object).1.has(CALLED) {
            yield_now();
        }
        assert_eq!(assert_rules(&s.object), 1);
        s.object.add(1);
    }
    waiter.join().unwrap();
    assert_eq!(s.object.value(), 0);
}

/// Contract 82a: a wait for one that comes later cannot take the permit.
pub(super) fn wait_for_several_keeps(s: &Shared) {
    let both = spawn_on(s, |s| s.object.wait(2));
    wait_until_queued(&s.object, 1);
    let one = spawn_on(s, |s| s.object.wait(1));
    assert!(!s.object.try_take(1));
    s.add(0);
    both.join().unwrap();
    assert_eq!(s.object.value(), 0);
    s.add(1);
    one.join().unwrap();
    assert_eq!(s.object.value(), 0);
}

/// Only one of the two adds is enough, and serves.
pub(super) fn wait_for_several_sees_all(s: &Shared) {
    let adders = [0, 1].map(|place| spawn_on(s, move |s| s.add(place)));
    if !s.object.wait_for(2, SOON) {
        s.object.wait(2);
    }
    s.assert_published(0);
    s.assert_published(1);
    join_all(adders);
    assert_eq!(s.object.value(), 0);
}

/// It no longer holds back the wait behind it.
pub(super) fn timeout_of_a_wait_that_keeps(s: &Shared) {
    let both = spawn_on(s, |s| s.object.wait_for(2, SOON));
    let one = spawn_on(s, |s| s.object.wait(1));
    assert!(!both.join().unwrap());
    one.join().unwrap();
    assert_eq!(s.object.value(), 0);
}

pub(super) fn timeout_of_the_second(s: &Shared) {
    let first = spawn_on(s, |s| s.object.wait(1));
    wait_until_queued(&s.object, 1);
    let second = spawn_on(s, |s| s.object.wait_for(1, SOON));
    s.add(0);
    if second.join().unwrap() {
        // Only while the first one was called.
        s.add(1);
    }
    first.join().unwrap();
    assert_eq!(s.object.value(), 0);
}

/// A thread that takes and adds again and again lets the second wait pass if the first one, which is called, does not
/// come. In the model, that is at every second time.
pub(super) fn handed_off_beside_called(s: &Shared) {
    let waiters = queue_in_order::<2>(s);
    s.object.add(1);
    let overtaken = overtake(s, 2);
    assert!(sync::HAS_CLOCK || !overtaken || inspect(&s.object).0 < 2, "not handed off");
    s.object.add(1);
    join_all(waiters);
    assert_eq!(s.object.value(), 0);
}

/// After that, it does not do so at once.
pub(super) fn handed_off_once(s: &Shared) {
    let waiters = queue_in_order::<3>(s);
    s.object.add(1);
    let overtaken = overtake(s, 2);
    s.object.add(1);
    let (queued, word) = inspect(&s.object);
    let is_handed_off = queued == 1 && word.has(CALLED) && word.value() == 0;
    assert!(!overtaken || !is_handed_off, "handed off again");
    s.object.add(1);
    join_all(waiters);
    assert_eq!(s.object.value(), 0);
}

/// Takes the permit of the called wait and gives it back, several times. Returns whether it could each time.
fn overtake(s: &Shared, times: usize) -> bool {
    (0..times).all(|_| {
        let taken = s.object.try_take(1);
        let is_overtaken = taken && inspect(&s.object).1.has(CALLED);
        if taken {
            s.object.add(1);
        }
        is_overtaken
    })
}

/// Waits for one permit, in the order of the queue.
fn queue_in_order<const WAITS: usize>(s: &Shared) -> [JoinHandle<()>; WAITS] {
    let mut waits = 0;
    [(); WAITS].map(|()| {
        let waiter = spawn_on(s, |s| s.object.wait(1));
        waits += 1;
        wait_until_queued(&s.object, waits);
        waiter
    })
}

/// While the first wait is called, what is more than it needs is for the second.
pub(super) fn add_beside_called(s: &Shared) {
    let waiters = queue_in_order::<2>(s);
    s.object.add(1);
    s.object.add(1);
    assert_served(s);
    join_all(waiters);
    assert_eq!(s.object.value(), 0);
}

/// The same where the first one was overtaken.
pub(super) fn add_of_two_beside_called(s: &Shared) {
    let waiters = queue_in_order::<2>(s);
    s.object.add(1);
    let taken = s.object.try_take(1);
    s.object.add(1 + u64::from(taken));
    assert_served(s);
    join_all(waiters);
    assert_eq!(s.object.value(), 0);
}

/// The same by an update.
pub(super) fn update_beside_called(s: &Shared) {
    let waiters = queue_in_order::<2>(s);
    s.object.add(1);
    let taken = s.object.try_take(1);
    assert!(s.object.update(|value| Some(value + 1 + u64::from(taken))).is_ok());
    assert_served(s);
    join_all(waiters);
    assert_eq!(s.object.value(), 0);
}

/// One change serves all for which it is enough.
pub(super) fn add_of_two_serves_both(s: &Shared) {
    let waiters = queue_in_order::<2>(s);
    s.object.add(2);
    assert_served(s);
    join_all(waiters);
    assert_eq!(s.object.value(), 0);
}

/// The same with waits that keep, for two permits each.
pub(super) fn add_of_four_serves_both(s: &Shared) {
    let waiters = [(); 2].map(|()| spawn_on(s, |s| s.object.wait(2)));
    wait_until_queued(&s.object, 2);
    s.object.add(4);
    assert_eq!(inspect(&s.object).0, 0);
    join_all(waiters);
    assert_eq!(s.object.value(), 0);
}

/// All changes have returned: of the waits, only the called one has still to take its permit.
fn assert_served(s: &Shared) {
    let (queued, word) = inspect(&s.object);
    assert!(queued == 0 || word.value() <= u64::from(word.has(CALLED)));
}

/// Whatever the second wait asks for, it does not pass before the first one.
pub(super) fn timeout_behind_a_wait_that_keeps(s: &Shared) {
    let both = spawn_on(s, |s| s.object.wait(2));
    wait_until_queued(&s.object, 1);
    assert!(!s.object.wait_for(1, SOON));
    s.add(0);
    both.join().unwrap();
    assert_eq!(s.object.value(), 0);
}

/// What is there for the wait that keeps is not seen after a wait has failed to take it.
pub(super) fn try_take_beside_kept(s: &Shared) {
    fails_beside_kept(s, |gate| gate.try_take(1));
}

/// The same at a limit.
pub(super) fn zero_limit_beside_kept(s: &Shared) {
    fails_beside_kept(s, |gate| gate.wait_for(1, Duration::ZERO));
}

/// Contract 76: a wait that begins when there is enough for it, too, passes, also at its deadline and before the change
/// has been served.
pub(super) fn short_limit_beside_kept(s: &Shared) {
    let both = spawn_on(s, |s| s.object.wait(2));
    let adder = spawn_on(s, |s| {
        s.object.add(3);
    });
    let is_enough = s.object.value() == 3;
    let passed = is_enough && s.object.wait_for(1, SOON);
    assert_eq!(passed, is_enough);
    join_all([both, adder]);
    assert_eq!(s.object.value(), u64::from(!passed));
}

fn fails_beside_kept(s: &Shared, try_take: fn(&Gate<Permits>) -> bool) {
    let both = spawn_on(s, |s| s.object.wait(2));
    wait_until_queued(&s.object, 1);
    let adder = spawn_on(s, |s| s.add(0));
    let was_enough = s.object.value() == 2;
    assert!(!try_take(&s.object));
    assert!(!was_enough || s.object.value() == 0);
    join_all([both, adder]);
    assert_eq!(s.object.value(), 0);
}

/// What the wait that keeps leaves is for any.
pub(super) fn try_take_beside_kept_and_more(s: &Shared) {
    let both = spawn_on(s, |s| s.object.wait(2));
    wait_until_queued(&s.object, 1);
    let adder = spawn_on(s, |s| s.object.add(2));
    let was_enough = s.object.value() != 1;
    let taken = s.object.try_take(1);
    assert!(taken || !was_enough);
    both.join().unwrap();
    adder.join().unwrap();
    assert_eq!(s.object.value(), u64::from(!taken));
}

pub(super) fn freed_by_the_waiter(_: &Shared) {
    freed_after_wait::<Permits>(0, 1, |gate| {
        gate.add(1);
    });
}

pub(super) fn freed_by_the_waiter_that_keeps(_: &Shared) {
    freed_after_wait::<Permits>(0, 2, |gate| {
        assert!(gate.update(|value| Some(value + 2)).is_ok());
    });
}

/// Contract 78, 90, where one of the waits may time out.
pub(super) fn as_a_mutex(s: &Shared) {
    let other = spawn_on(s, |s| {
        s.object.wait(1);
        s.data[0].set(s.data[0].get() + 1);
        s.object.add(1);
    });
    let mine = s.object.wait_for(1, SOON);
    if mine {
        s.data[0].set(s.data[0].get() + 1);
        s.object.add(1);
    }
    other.join().unwrap();
    assert!(s.object.try_take(1));
    assert_eq!(s.data[0].get(), 1 + usize::from(mine));
}

pub(super) fn rules_hold_at_any_moment(s: &Shared) {
    let waiters = [1, 2].map(|request| spawn_on(s, move |s| s.object.wait_for(request, SOON)));
    let adder = spawn_on(s, |s| s.object.add(2));
    assert_rules(&s.object);
    let passed = join_all(waiters);
    adder.join().unwrap();
    assert!(!(passed[0] && passed[1]));
    let taken = u64::from(passed[0]) + 2 * u64::from(passed[1]);
    assert_eq!(s.object.value(), 2 - taken);
}

/// Their queues are in one shard, and the same changes are made of them.
pub(super) fn gates_and_events_side_by_side(s: &Shared) {
    let event = shared(AutoResetEvent::new(EventState::Unset));
    let zero = shared(Gate::<Zero>::new(1));
    // In a model, every other object is in the same shard, in the order in which they come up.
    let spare = Gate::<Zero>::new(0);
    assert_eq!(inspect(&s.object).0, 0);
    assert_eq!(inspect(&spare).0, 0);
    let of_gate = spawn_on(s, |s| s.object.wait(1));
    wait_until_queued(&s.object, 1);
    let of_event = spawn_on(&event, |s| s.object.wait_for(SOON) || s.object.wait_for(SOON));
    event.object.set();
    s.object.add(1);
    assert_eq!(of_event.join().unwrap(), !event.object.wait0());
    of_gate.join().unwrap();
    assert_eq!((s.object.value(), zero.object.value()), (0, 1));
}

/// A setter that finds these has no gate any more, and does nothing.
pub(super) fn waits_for_another_object_at_the_address(s: &Shared) {
    let key = s.object.key();
    let of_event = pin!(testing::entry(key));
    let other = ptr::from_ref(&s.object).cast::<Gate<Zero>>();
    // SAFETY: only its type is asked for.
    let of_gate = pin!(unsafe { Entry::new(Target::new(other, 1)) });
    for entry in [of_event.as_ref(), of_gate.as_ref()] {
        // SAFETY: it is in no queue, and it is pinned.
        unsafe { testing::enqueue(&entry, Service::Call) };
        Gate::<Permits>::serve(key, queue::lock(key), false);
        Gate::<Permits>::serve(key, queue::lock(key), true);
        assert_eq!(entry.claim(), Claim::Open);
        assert!(inspect(&s.object).1 == super::Word::new(3));
        // SAFETY: it is linked.
        let _removed = unsafe { queue::lock(key).remove(&entry) };
    }
}
