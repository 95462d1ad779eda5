//! Races on a semaphore.

use super::{Shared, join_all, shared, spawn_on};
use crate::sync::testing::{SOON, explore_all, explore_up_to};
use crate::{Semaphore, SemaphoreGuard};

impl Shared<Semaphore> {
    /// What a permit of a semaphore with one permit protects.
    fn count_up(&self) {
        self.data[0].set(self.data[0].get() + 1);
    }
}

/// Contract 71, 72, 90.
#[test]
fn release_against_wait() {
    explore_all(63, || {
        let shared = shared(Semaphore::new(0, 1));
        let waiter = spawn_on(&shared, |s| {
            let guard = s.object.wait();
            assert_eq!(s.data[0].get(), 7);
            guard.forget();
        });
        shared.data[0].set(7);
        shared.object.release(1);
        waiter.join().unwrap();
        assert_eq!(shared.object.count(), 0);
    });
}

/// Contract 73, 76, 82, 90: the permit is taken or kept.
#[test]
fn release_against_timeout() {
    explore_all(1_300, || {
        let shared = shared(Semaphore::new(0, 1));
        let releaser = spawn_on(&shared, |s| {
            s.data[0].set(7);
            s.object.release(1);
        });
        if let Ok(guard) = shared.object.wait_for(SOON) {
            assert_eq!(shared.data[0].get(), 7);
            guard.forget();
            shared.object.release(1);
        }
        releaser.join().unwrap();
        assert_eq!(shared.object.count(), 1);
        assert!(shared.object.wait_for(SOON).is_ok());
    });
}

/// Contract 71, 72.
#[test]
fn two_releases_against_two_waits() {
    // 2 s with 3 preemptions; without a bound, no end within minutes.
    explore_up_to(3, 22_000, || {
        let shared = shared(Semaphore::new(0, 2));
        let waiters = [(); 2].map(|()| spawn_on(&shared, |s| s.object.wait().forget()));
        let releaser = spawn_on(&shared, |s| s.object.release(1));
        shared.object.release(1);
        releaser.join().unwrap();
        join_all(waiters);
        assert_eq!(shared.object.count(), 0);
    });
}

/// Contract 71, 72, 82: who gives up behind the head lets nobody else become one.
#[test]
fn two_releases_against_wait_and_timeout() {
    // 1 s with 3 preemptions, 12 s with 4.
    explore_up_to(3, 5_000, || {
        let shared = shared(Semaphore::new(0, 2));
        let waiter = spawn_on(&shared, |s| s.object.wait().forget());
        let patient = spawn_on(&shared, |s| {
            let served = s.object.wait_for(SOON);
            served.unwrap_or_else(|_| s.object.wait()).forget();
        });
        shared.object.release(1);
        shared.object.release(1);
        join_all([waiter, patient]);
        assert_eq!(shared.object.count(), 0);
    });
}

/// Contract 71: one release for two.
#[test]
fn double_release_against_two_waits() {
    // 1 s with 4 preemptions; without a bound, no end within minutes.
    explore_up_to(4, 13_000, || {
        let shared = shared(Semaphore::new(0, 2));
        let waiters = [(); 2].map(|()| spawn_on(&shared, |s| s.object.wait().forget()));
        shared.object.release(2);
        join_all(waiters);
        assert_eq!(shared.object.count(), 0);
    });
}

/// Contract 78, 90.
#[test]
fn as_a_mutex() {
    explore_all(140, || {
        let shared = shared(Semaphore::new(1, 1));
        let other = spawn_on(&shared, |s| {
            let _guard = s.object.wait();
            s.count_up();
        });
        {
            let _guard = shared.object.wait();
            shared.count_up();
        }
        other.join().unwrap();
        assert_eq!(shared.data[0].get(), 2);
        assert_eq!(shared.object.count(), 1);
    });
}

/// Contract 61, 75, 82: the guard that is dropped against one who may give up.
#[test]
fn drop_against_timeout() {
    explore_all(180, || {
        let shared = shared(Semaphore::new(1, 1));
        let holder = spawn_on(&shared, |s| {
            let _guard = s.object.wait();
            s.count_up();
        });
        let mine = shared.object.wait_for(SOON);
        if mine.is_ok() {
            shared.count_up();
        }
        let counted = 1 + usize::from(mine.is_ok());
        drop(mine);
        holder.join().unwrap();
        assert_eq!(shared.data[0].get(), counted);
        assert_eq!(shared.object.count(), 1);
        assert!(shared.object.wait_for(SOON).is_ok());
    });
}

/// Contract 76: each of two releases is enough by itself to wake the sleeper, even if the other one is
/// stuck before its wake-up.
#[test]
fn stuck_release_against_another() {
    // 0 s with 4 preemptions; without a bound, no end within minutes.
    explore_up_to(4, 3_900, || {
        let shared = shared(Semaphore::new(0, 2));
        let waiter = spawn_on(&shared, |s| s.object.wait().forget());
        let stuck = spawn_on(&shared, |s| s.object.release(1));
        shared.object.release(1);
        waiter.join().unwrap();
        stuck.join().unwrap();
        assert_eq!(shared.object.count(), 1);
    });
}

/// Contract 76: who waits after a release that returned gets the permit, whatever its deadline.
#[test]
fn release_before_a_short_wait() {
    explore_all(65, || {
        let shared = shared(Semaphore::new(0, 2));
        let stuck = spawn_on(&shared, |s| s.object.release(1));
        shared.object.release(1);
        assert!(shared.object.wait_for(SOON).is_ok(), "a permit was there before the limit");
        stuck.join().unwrap();
        assert_eq!(shared.object.count(), 2);
    });
}

/// Contract 73, 82, 90: one of them waits in line behind the other, and both may give up.
#[test]
fn release_against_two_timeouts() {
    // 2 s with 4 preemptions; without a bound, no end within minutes.
    explore_up_to(4, 23_000, || {
        let shared = shared(Semaphore::new(0, 1));
        let waiters = [(); 2].map(|()| {
            spawn_on(&shared, |s| {
                let guard = s.object.wait_for(SOON);
                if guard.is_ok() {
                    assert_eq!(s.data[0].get(), 7);
                }
                guard.map(SemaphoreGuard::forget).is_ok()
            })
        });
        shared.data[0].set(7);
        shared.object.release(1);
        let served = join_all(waiters).into_iter().filter(|served| *served).count();
        assert_eq!(served + usize::from(shared.object.count()), 1);
        assert_eq!(shared.object.wait_for(SOON).is_ok(), served == 0);
    });
}

/// Contract 82a: all or nothing, and both sides are served in the end.
#[test]
fn wait_many_against_two_waits() {
    // 3 s with 4 preemptions; without a bound, no end within minutes.
    explore_up_to(4, 36_000, || {
        let shared = shared(Semaphore::new(2, 2));
        let single = [(); 2].map(|()| {
            spawn_on(&shared, |s| {
                let guard = s.object.wait();
                assert_eq!(guard.permits(), 1);
            })
        });
        let both = shared.object.wait_many(2);
        assert_eq!(shared.object.count(), 0);
        drop(both);
        join_all(single);
        assert_eq!(shared.object.count(), 2);
    });
}

/// Contract 82, 82a: a large request that gives up lets the others pass.
#[test]
fn wait_many_that_gives_up_against_wait() {
    explore_all(6_600, || {
        let shared = shared(Semaphore::new(1, 2));
        let large = spawn_on(&shared, |s| s.object.wait_many_for(2, SOON).is_ok());
        drop(shared.object.wait());
        assert!(!large.join().unwrap());
        assert_eq!(shared.object.count(), 1);
        assert!(shared.object.try_wait0_many(1).is_ok());
    });
}

/// Contract 68, 70: capacity is changed while others wait.
#[test]
fn forget_against_release() {
    explore_all(3, || {
        let shared = shared(Semaphore::new(1, 1));
        let forgetter = spawn_on(&shared, |s| s.object.wait().forget());
        let raised = shared.object.try_release(1);
        forgetter.join().unwrap();
        assert_eq!(shared.object.count(), u16::from(raised));
        assert_eq!(shared.object.try_release(1), !raised);
    });
}
