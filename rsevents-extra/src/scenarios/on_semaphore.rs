//! Races on a semaphore.

use super::task::Task;
use super::{join_all, spawn_on};
use crate::sync::testing::{Arc, SOON};
use crate::{Semaphore, SemaphoreGuard};

type Shared = Arc<super::Shared<Semaphore>>;

impl super::Shared<Semaphore> {
    /// Writes, then releases a permit.
    fn publish(&self) {
        self.data[0].set(7);
        self.object.release(1);
    }

    fn assert_published(&self) {
        assert_eq!(self.data[0].get(), 7);
    }

    /// What a permit of a semaphore with one permit protects.
    fn count_up(&self) {
        self.data[0].set(self.data[0].get() + 1);
    }
}

/// Contract 71, 72, 90.
pub(super) fn release_against_wait(s: &Shared) {
    let waiter = spawn_on(s, |s| {
        let guard = s.object.wait();
        s.assert_published();
        guard.forget();
    });
    s.publish();
    waiter.join().unwrap();
    assert_eq!(s.object.count(), 0);
}

/// Contract 73, 76, 82, 90: the permit is taken or kept.
pub(super) fn release_against_timeout(s: &Shared) {
    let releaser = spawn_on(s, |s| s.publish());
    if let Ok(guard) = s.object.wait_for(SOON) {
        s.assert_published();
        guard.forget();
        s.object.release(1);
    }
    releaser.join().unwrap();
    assert_eq!(s.object.count(), 1);
    assert!(s.object.wait_for(SOON).is_ok());
}

/// Contract 71, 72.
pub(super) fn two_releases_against_two_waits(s: &Shared) {
    let waiters = [(); 2].map(|()| spawn_on(s, |s| s.object.wait().forget()));
    let releaser = spawn_on(s, |s| s.object.release(1));
    s.object.release(1);
    releaser.join().unwrap();
    join_all(waiters);
    assert_eq!(s.object.count(), 0);
}

/// Contract 71, 72, 82: one that times out leaves both permits to the others.
pub(super) fn two_releases_against_wait_and_timeout(s: &Shared) {
    let waiter = spawn_on(s, |s| s.object.wait().forget());
    let timed = spawn_on(s, |s| {
        let succeeded = s.object.wait_for(SOON);
        succeeded.unwrap_or_else(|_| s.object.wait()).forget();
    });
    s.object.release(1);
    s.object.release(1);
    join_all([waiter, timed]);
    assert_eq!(s.object.count(), 0);
}

/// Contract 71: one release for two.
pub(super) fn double_release_against_two_waits(s: &Shared) {
    let waiters = [(); 2].map(|()| spawn_on(s, |s| s.object.wait().forget()));
    s.object.release(2);
    join_all(waiters);
    assert_eq!(s.object.count(), 0);
}

/// Contract 78, 90.
pub(super) fn as_a_mutex(s: &Shared) {
    let other = spawn_on(s, |s| {
        let _guard = s.object.wait();
        s.count_up();
    });
    {
        let _guard = s.object.wait();
        s.count_up();
    }
    other.join().unwrap();
    assert_eq!(s.data[0].get(), 2);
    assert_eq!(s.object.count(), 1);
}

/// Contract 61, 75, 82: a dropped guard against a wait that may time out.
pub(super) fn drop_against_timeout(s: &Shared) {
    let holder = spawn_on(s, |s| {
        let _guard = s.object.wait();
        s.count_up();
    });
    let mine = s.object.wait_for(SOON);
    if mine.is_ok() {
        s.count_up();
    }
    let counted = 1 + usize::from(mine.is_ok());
    drop(mine);
    holder.join().unwrap();
    assert_eq!(s.data[0].get(), counted);
    assert_eq!(s.object.count(), 1);
    assert!(s.object.wait_for(SOON).is_ok());
}

/// Contract 76: of two permits, the wait takes one.
pub(super) fn two_releases_against_wait(s: &Shared) {
    let waiter = spawn_on(s, |s| s.object.wait().forget());
    let releaser = spawn_on(s, |s| s.object.release(1));
    s.object.release(1);
    waiter.join().unwrap();
    releaser.join().unwrap();
    assert_eq!(s.object.count(), 1);
}

/// Contract 76: a wait that begins after a release has returned gets the permit, whatever its deadline.
pub(super) fn release_before_a_short_wait(s: &Shared) {
    let stuck = spawn_on(s, |s| s.object.release(1));
    s.object.release(1);
    assert!(s.object.wait_for(SOON).is_ok(), "a permit was there before the limit");
    stuck.join().unwrap();
    assert_eq!(s.object.count(), 2);
}

/// Contract 73, 82, 90: both may time out.
pub(super) fn release_against_two_timeouts(s: &Shared) {
    let waiters = [(); 2].map(|()| {
        spawn_on(s, |s| {
            let guard = s.object.wait_for(SOON);
            if guard.is_ok() {
                s.assert_published();
            }
            guard.map(SemaphoreGuard::forget).is_ok()
        })
    });
    s.data[0].set(7);
    s.object.release(1);
    let succeeded = join_all(waiters).into_iter().filter(|succeeded| *succeeded).count();
    assert_eq!(succeeded + usize::from(s.object.count()), 1);
    assert_eq!(s.object.wait_for(SOON).is_ok(), succeeded == 0);
}

/// Contract 82a: all or nothing, and all requests complete.
pub(super) fn wait_many_against_two_waits(s: &Shared) {
    let single = [(); 2].map(|()| {
        spawn_on(s, |s| {
            let guard = s.object.wait();
            assert_eq!(guard.permits(), 1);
        })
    });
    let both = s.object.wait_many(2);
    assert_eq!(s.object.count(), 0);
    drop(both);
    join_all(single);
    assert_eq!(s.object.count(), 2);
}

/// Contract 82, 82a: a multi-permit request that times out no longer holds back the others.
pub(super) fn wait_many_that_gives_up_against_wait(s: &Shared) {
    let large = spawn_on(s, |s| s.object.wait_many_for(2, SOON).is_ok());
    drop(s.object.wait());
    assert!(!large.join().unwrap());
    assert_eq!(s.object.count(), 1);
    assert!(s.object.try_wait0_many(1).is_ok());
}

/// Contract 63, 65, 79: the capacity changes while others wait.
pub(super) fn forget_against_release(s: &Shared) {
    let forgetter = spawn_on(s, |s| s.object.wait().forget());
    let raised = s.object.try_release(1);
    forgetter.join().unwrap();
    assert_eq!(s.object.count(), u16::from(raised));
    assert_eq!(s.object.try_release(1), !raised);
}

/// Contract 82a: a request for two, and one for a single permit that comes before or after it, share three
/// permits that come one by one.
pub(super) fn large_request_beside_a_small_one(s: &Shared) {
    let large = spawn_on(s, |s| s.object.wait_many(2).forget());
    let small = spawn_on(s, |s| s.object.wait().forget());
    for _ in 0..3 {
        s.object.release(1);
    }
    join_all([large, small]);
    assert_eq!((s.object.count(), s.object.capacity()), (0, 0));
}

/// Contract 79, 82a: a request waits for permits of which one is forgotten, and is replaced by a new one.
pub(super) fn forget_against_a_large_request(s: &Shared) {
    let guard = s.object.wait();
    let large =
        spawn_on(s, |s| s.object.wait_many_for(2, SOON).map(SemaphoreGuard::forget).is_ok());
    guard.forget();
    s.object.release(1);
    let taken = large.join().unwrap();
    assert_eq!(s.object.count(), if taken { 0 } else { 2 });
    assert_eq!(s.object.capacity(), s.object.count());
}

/// Contract 82a: the same without a limit.
pub(super) fn forget_against_a_patient_large_request(s: &Shared) {
    let guard = s.object.wait();
    let large = spawn_on(s, |s| s.object.wait_many(2).forget());
    guard.forget();
    s.object.release(1);
    large.join().unwrap();
    assert_eq!((s.object.count(), s.object.capacity()), (0, 0));
}

/// Contract 121, 163.
pub(super) fn release_against_a_task(s: &Shared) {
    let releaser = spawn_on(s, |s| s.publish());
    let guard = Task::new(s.object.wait_async()).finish();
    s.assert_published();
    releaser.join().unwrap();
    assert_eq!((guard.permits(), s.object.count()), (1, 0));
    drop(guard);
    assert_eq!(s.object.count(), 1);
}

/// Contract 129, 179: the permit is there, and publishes.
pub(super) fn release_against_drop_of_a_task(s: &Shared) {
    let task = Task::queued(s.object.wait_async());
    let releaser = spawn_on(s, |s| s.publish());
    drop(task);
    releaser.join().unwrap();
    assert_eq!((s.object.count(), s.object.capacity()), (1, 1));
    assert!(s.object.wait_for(SOON).is_ok());
    s.assert_published();
}

/// Contract 122, 179: a guard that is dropped, and the task behind the one that is dropped.
pub(super) fn guard_against_drop_before_a_task(s: &Shared) {
    let [first, second] = [(); 2].map(|()| Task::queued(s.object.wait_async()));
    let holder = spawn_on(s, |s| {
        s.object.release(1);
        if let Ok(_guard) = s.object.try_wait0_many(1) {
            s.count_up();
        }
    });
    drop(first);
    let guard = second.finish();
    s.count_up();
    drop(guard);
    holder.join().unwrap();
    assert_eq!((s.object.count(), s.object.capacity()), (1, 1));
}

/// Contract 175, 176.
pub(super) fn release_against_drop_of_a_large_request(s: &Shared) {
    let large = Task::queued(s.object.wait_many_async(3));
    let small = Task::queued(s.object.wait_async());
    let releaser = spawn_on(s, |s| s.object.release(1));
    drop(large);
    drop(small.finish());
    releaser.join().unwrap();
    assert_eq!((s.object.count(), s.object.capacity()), (3, 3));
}
