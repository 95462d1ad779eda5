//! The queues and their table without an event: what is queued, signalled, and released.
//!
//! As `raw/scenarios`, on real threads and under loom.

use core::pin::{Pin, pin};
use core::ptr;
use std::time::Instant;

use super::broadcast::stuck::{stuck_broadcast, stuck_in_place_of_another};
use super::table::Removed;
use super::testing::entry;
use super::{
    Claim, Entry, Service, hold_front, lock, lock_to_wait, release_all, testing, wake_others,
};
use crate::sync::testing::{Arc, JoinHandle, SOON, explore_all, explore_up_to, spawn, yield_now};
use crate::sync::{self, AtomicU8};

/// Objects whose addresses name queues.
struct Objects {
    /// Creating one also creates the table of a model.
    _bytes: Vec<AtomicU8>,
    keys: Vec<usize>,
}

/// This number of keys, all of one shard.
fn objects(keys: usize) -> Arc<Objects> {
    let bytes: Vec<_> = (0..2 * keys * sync::SHARDS).map(|_| AtomicU8::new(0)).collect();
    let shard = super::table::shard_of;
    let mut of_one_shard = Vec::new();
    let mut first = None;
    for byte in &bytes {
        let key = ptr::from_ref(byte).addr();
        if of_one_shard.len() < keys && *first.get_or_insert(shard(key)) == shard(key) {
            of_one_shard.push(key);
        }
    }
    assert_eq!(of_one_shard.len(), keys);
    Arc::new(Objects { _bytes: bytes, keys: of_one_shard })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Won,
    /// At its deadline, and was the last one.
    Expired {
        was_last: bool,
    },
    /// At its deadline, but a broadcast had released it.
    Released,
}

/// A wait as `raw/wait.rs` makes it, for an object of which the called waiter never gets the set.
fn wait(key: usize, service: Service, deadline: Option<Instant>) -> Ended {
    let entry = pin!(entry(key));
    let entry = entry.as_ref();
    // SAFETY: it is in no queue, and it is pinned.
    unsafe { testing::enqueue(&entry, service) };
    loop {
        match entry.stay(deadline) {
            super::StayResult::Won => return released(&entry, Ended::Won),
            super::StayResult::Called => {
                // SAFETY: its setter has unlinked it.
                unsafe { enqueue_in_front(&entry, Service::HandOff) };
            }
            super::StayResult::Expired(mut shard) => {
                // SAFETY: it is linked.
                let removed = unsafe { shard.remove(&entry) };
                drop(shard);
                return match removed {
                    Removed::FromBroadcast => released(&entry, Ended::Released),
                    Removed::FromQueue { was_last, .. } => Ended::Expired { was_last },
                };
            }
        }
    }
}

fn released(entry: &Entry, ended: Ended) -> Ended {
    // SAFETY: the entry is the caller's, and not linked any more.
    unsafe { wake_others(entry, true) };
    ended
}

/// A wait that signals end.
fn spawn_wait(objects: &Arc<Objects>, object: usize, may_expire: bool) -> JoinHandle<Ended> {
    spawn_served(objects, object, Service::Call, may_expire)
}

/// A wait that a broadcast ends.
fn spawn_shared(objects: &Arc<Objects>, object: usize, may_expire: bool) -> JoinHandle<Ended> {
    spawn_served(objects, object, Service::Broadcast, may_expire)
}

fn spawn_served(
    objects: &Arc<Objects>,
    object: usize,
    service: Service,
    may_expire: bool,
) -> JoinHandle<Ended> {
    let objects = Arc::clone(objects);
    spawn(move || {
        let deadline = may_expire.then(|| Instant::now() + SOON);
        wait(objects.keys[object], service, deadline)
    })
}

/// # Safety
///
/// As for `Queues::enqueue`.
unsafe fn enqueue_in_front(entry: &Entry, service: Service) {
    let mut shard = lock_to_wait(entry.key());
    let is_first = shard.len(entry.key()) == 0;
    // SAFETY: as here.
    unsafe { shard.enqueue_in_front(entry, service, is_first) };
}

fn queued(key: usize) -> usize {
    lock(key).len(key)
}

fn wait_until_queued(key: usize, waits: usize) {
    while queued(key) != waits {
        yield_now();
    }
}

/// Signals the first wait, if there is one.
fn signal(key: usize, claim: Claim) -> bool {
    let relock = || Some(lock(key));
    let held = hold_front(lock(key), relock, key, |_, _| Some(()));
    let Some((mut shard, Some(front), Some(hold))) = held else { return false };
    let wake = shard.signal(front, hold, claim);
    drop(shard);
    wake.wake();
    true
}

/// Queues waits of this thread. None of them sleeps.
fn with_queued(keys: &[usize], call: impl FnOnce(&[Pin<Box<Entry>>])) {
    let entries: Vec<_> = keys.iter().map(|&key| Box::pin(entry(key))).collect();
    entries.iter().for_each(|entry| enqueue(entry, Service::Call));
    call(&entries);
    for entry in &entries {
        assert_eq!(entry.claim(), Claim::Won, "still linked");
    }
}

/// These wait like a thread. Each wait is checked to be in no queue before it goes.
fn enqueue(entry: &Pin<Box<Entry>>, service: Service) {
    // SAFETY: it is not linked, and it is pinned.
    unsafe { testing::enqueue(entry, service) };
}

fn requeue(entry: &Pin<Box<Entry>>) {
    assert_eq!(entry.claim(), Claim::Called);
    // SAFETY: the signal has unlinked it; the rest is as in `enqueue`.
    unsafe { enqueue_in_front(entry, Service::Call) };
}

fn remove(entry: &Pin<Box<Entry>>) -> Removed {
    assert_eq!(entry.claim(), Claim::Open);
    // SAFETY: it has not been signalled, so it is linked.
    unsafe { lock(entry.key()).remove(entry) }
}

/// Contract 11, 12: each signal ends one wait, and a wait that expires gets none.
fn signals_against_expiring_waits() {
    let objects = objects(1);
    let key = objects.keys[0];
    let waits = [(); 2].map(|()| spawn_wait(&objects, 0, true));
    let signals = usize::from(signal(key, Claim::Won)) + usize::from(signal(key, Claim::Won));
    let ended = waits.map(|wait| wait.join().unwrap());
    assert_eq!(ended.iter().filter(|ended| **ended == Ended::Won).count(), signals);
    assert!(!ended.contains(&Ended::Released));
    assert_eq!(queued(key), 0);
}

/// The bit of the event depends on it: the last wait that leaves knows that it is the last.
fn the_last_that_expires_knows_it() {
    let objects = objects(1);
    let waits = [(); 2].map(|()| spawn_wait(&objects, 0, true));
    let ended = waits.map(|wait| wait.join().unwrap());
    assert!(ended.contains(&Ended::Expired { was_last: true }), "{ended:?}");
    assert_eq!(queued(objects.keys[0]), 0);
}

/// A called wait queues again before those that came later, and is signalled first.
fn a_called_wait_queues_in_front() {
    let objects = objects(1);
    let key = objects.keys[0];
    let called = spawn_wait(&objects, 0, false);
    wait_until_queued(key, 1);
    with_queued(&[key], |entries| {
        assert!(signal(key, Claim::Called));
        wait_until_queued(key, 2);
        let front = lock(key).front(key).unwrap();
        assert!(front.first.service == Service::HandOff && !front.is_last());
        assert!(signal(key, Claim::Won));
        assert_eq!(called.join().unwrap(), Ended::Won);
        assert_eq!(entries[0].claim(), Claim::Open);
        assert!(signal(key, Claim::Won));
    });
    assert_eq!(queued(key), 0);
}

/// A wake-up that comes late, when the thread sleeps again, neither ends that sleep nor is the next one lost.
fn late_wake_up_of_a_called_wait() {
    let objects = objects(1);
    let key = objects.keys[0];
    let called = spawn_wait(&objects, 0, true);
    let caller = {
        let objects = Arc::clone(&objects);
        spawn(move || signal(objects.keys[0], Claim::Called))
    };
    let was_signalled = signal(key, Claim::Won);
    let _ = caller.join().unwrap();
    let ended = called.join().unwrap();
    assert_eq!(ended == Ended::Won, was_signalled);
}

/// A wait that comes after one that queues again in front is behind all others.
fn a_wait_queues_after_a_called_one_has_again() {
    let objects = objects(1);
    let key = objects.keys[0];
    with_queued(&[key, key], |entries| {
        assert!(signal(key, Claim::Called));
        requeue(&entries[0]);
        with_queued(&[key], |_| (0..3).for_each(|_| assert!(signal(key, Claim::Won))));
    });
}

/// The fourth wait in the shard makes more chains, while another one comes and the first one goes.
fn more_chains_while_waits_come_and_go() {
    let objects = objects(4);
    let key = |object: usize| objects.keys[object];
    with_queued(&[key(0), key(1), key(2)], |_| {
        let waits = [0, 3].map(|object| spawn_wait(&objects, object, false));
        assert!(signal(key(0), Claim::Won));
        wait_until_queued(key(3), 1);
        wait_until_queued(key(0), 1);
        for object in 0..4 {
            assert_eq!(queued(key(object)), 1);
            assert!(signal(key(object), Claim::Won));
        }
        for wait in waits {
            assert_eq!(wait.join().unwrap(), Ended::Won);
        }
    });
    for object in 0..4 {
        assert_eq!(queued(key(object)), 0);
    }
}

/// The tenth wait in the shard makes more chains of several.
fn more_chains_than_several() {
    let objects = objects(10);
    with_queued(&objects.keys, |_| {
        for &key in &objects.keys {
            assert!(signal(key, Claim::Won), "lost");
        }
    });
}

/// Waits for three objects of one chain that expire: none takes another's queue with it.
fn expiring_waits_of_one_chain() {
    let objects = objects(3);
    let waits = [0, 1].map(|object| spawn_wait(&objects, object, true));
    with_queued(&[objects.keys[2]], |entries| {
        for wait in waits {
            assert_eq!(wait.join().unwrap(), Ended::Expired { was_last: true });
        }
        assert_eq!(entries[0].claim(), Claim::Open);
        assert!(signal(objects.keys[2], Claim::Won));
    });
}

/// Contract 29: once one thread of a broadcast is awake, the others wake up without the setter.
fn the_released_help_while_the_setter_is_stuck() {
    let objects = objects(1);
    let key = objects.keys[0];
    let waits = [(); 3].map(|()| spawn_shared(&objects, 0, false));
    wait_until_queued(key, 3);
    stuck_broadcast(key, 1, |_| {
        for wait in waits {
            assert_eq!(wait.join().unwrap(), Ended::Won);
        }
    });
}

/// Contract 28: a deadline that passes inside a broadcast is a success, and one before is none.
fn expired_waits_in_a_broadcast() {
    let objects = objects(1);
    let key = objects.keys[0];
    let waits = [(); 3].map(|()| spawn_shared(&objects, 0, true));
    stuck_broadcast(key, 1, |released| {
        let ended = waits.map(|wait| wait.join().unwrap());
        let succeeded =
            ended.iter().filter(|ended| !matches!(ended, Ended::Expired { .. })).count();
        assert_eq!(succeeded, released, "{ended:?}");
    });
}

/// Contract 30, 32: set, reset, set. Two broadcasts for one object, both stuck, and waits of both that expire.
fn expired_waits_in_two_broadcasts() {
    let objects = objects(1);
    let key = objects.keys[0];
    let old = spawn_shared(&objects, 0, true);
    let other = spawn_shared(&objects, 0, true);
    stuck_broadcast(key, 0, |released| {
        let new = spawn_shared(&objects, 0, true);
        stuck_broadcast(key, 0, |released_too| {
            let ended = [old, other, new].map(|wait| wait.join().unwrap());
            let succeeded = ended.iter().filter(|ended| !matches!(ended, Ended::Expired { .. }));
            assert_eq!(succeeded.count(), released + released_too, "{ended:?}");
        });
    });
}

/// The first and the last wait of a broadcast expire. The rest is not lost, and wakes up through them.
fn expired_ends_of_a_broadcast() {
    let objects = objects(1);
    let key = objects.keys[0];
    let [first, second, third, last] = [(); 4].map(|()| Box::pin(entry(key)));
    for entry in [&first, &second, &third, &last] {
        enqueue(entry, Service::Broadcast);
    }
    stuck_broadcast(key, 0, |_| {
        for entry in [&last, &first] {
            assert!(matches!(remove(entry), Removed::FromBroadcast));
        }
        released(&last, Ended::Released);
        assert_eq!([second.claim(), third.claim()], [Claim::Won; 2], "not woken");
    });
}

/// A wait in the middle of a broadcast expires, and wakes the others of its own. Another one in the shard is stuck, too.
fn expired_wait_beside_another_broadcast() {
    let objects = objects(2);
    let (key, another) = (objects.keys[0], objects.keys[1]);
    let [first, second, third, other] = [key, key, key, another].map(|key| Box::pin(entry(key)));
    for entry in [&first, &second, &third, &other] {
        enqueue(entry, Service::Broadcast);
    }
    stuck_broadcast(key, 0, |_| {
        stuck_broadcast(another, 0, |_| {
            assert!(matches!(remove(&second), Removed::FromBroadcast));
            released(&second, Ended::Released);
            assert_eq!([first.claim(), third.claim()], [Claim::Won; 2], "not woken");
            assert!(matches!(remove(&other), Removed::FromBroadcast), "woken for another object");
        });
    });
}

/// A wait is to help a broadcast that is over. The batch of another one, for another object, is at the same address.
fn helper_of_a_broadcast_that_is_over() {
    let objects = objects(2);
    let (key, another) = (objects.keys[0], objects.keys[1]);
    let [first, second, other] = [key, key, another].map(|key| Box::pin(entry(key)));
    for entry in [&first, &second, &other] {
        enqueue(entry, Service::Broadcast);
    }
    stuck_in_place_of_another([key, another], || {
        assert_eq!([first.claim(), second.claim()], [Claim::Won; 2]);
        released(&first, Ended::Won);
        assert!(matches!(remove(&other), Removed::FromBroadcast), "woken for another object");
    });
}

/// A setter wakes the threads that it has released, and no others.
fn broadcast_beside_a_stuck_one() {
    let objects = objects(2);
    let (stuck, other) = (objects.keys[0], objects.keys[1]);
    let wait = Box::pin(entry(stuck));
    enqueue(&wait, Service::Broadcast);
    stuck_broadcast(stuck, 0, |_| {
        let others = [(); 2].map(|()| Box::pin(entry(other)));
        others.iter().for_each(|entry| enqueue(entry, Service::Broadcast));
        release_all(lock(other), other);
        assert!(others.iter().all(|entry| entry.claim() == Claim::Won));
        assert!(matches!(remove(&wait), Removed::FromBroadcast));
    });
}

/// The setter, a helper and a deadline at once. The batch may be gone when a helper comes.
fn broadcast_against_helpers_and_a_deadline() {
    let objects = objects(1);
    let key = objects.keys[0];
    let waits = [(); 2].map(|()| spawn_shared(&objects, 0, false));
    wait_until_queued(key, 2);
    let third = spawn_shared(&objects, 0, true);
    release_all(lock(key), key);
    for wait in waits {
        assert_eq!(wait.join().unwrap(), Ended::Won);
    }
    third.join().unwrap();
    assert_eq!(queued(key), 0);
}

macro_rules! models {
    ($($scenario:ident: $explore:ident($($number:literal),+);)+) => {
        mod of_the_queue {
            $(#[test]
            fn $scenario() {
                super::$explore($($number,)+ super::$scenario);
            })+
        }
    };
}

models! {
    signals_against_expiring_waits: explore_up_to(4, 3_500);
    the_last_that_expires_knows_it: explore_all(15);
    a_called_wait_queues_in_front: explore_all(2_500);
    late_wake_up_of_a_called_wait: explore_all(19_000);
    a_wait_queues_after_a_called_one_has_again: explore_all(1);
    more_chains_while_waits_come_and_go: explore_up_to(4, 19_000);
    more_chains_than_several: explore_all(1);
    expiring_waits_of_one_chain: explore_all(220);
    the_released_help_while_the_setter_is_stuck: explore_up_to(3, 180_000);
    expired_waits_in_a_broadcast: explore_up_to(4, 53_000);
    expired_waits_in_two_broadcasts: explore_up_to(4, 30_000);
    expired_ends_of_a_broadcast: explore_all(1);
    expired_wait_beside_another_broadcast: explore_all(1);
    helper_of_a_broadcast_that_is_over: explore_all(1);
    broadcast_beside_a_stuck_one: explore_all(1);
    broadcast_against_helpers_and_a_deadline: explore_up_to(3, 55_000);
}
