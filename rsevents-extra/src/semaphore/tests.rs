use std::cell::Cell;
use std::thread;
use std::time::{Duration, Instant};

use rsevents::Awaitable;

use super::word::Word;
use super::{Ordering, Semaphore, SemaphoreGuard};
use crate::deadline::Deadline;

const SHORT: Duration = Duration::from_millis(1);

fn assert_no_waiters(semaphore: &Semaphore) {
    let word = semaphore.load();
    assert_eq!((word.need(), word.large()), (0, 0));
}

/// A demand or a multi-permit request that stayed in the word would wake later front waiters for too few permits,
/// or keep permits.
#[test]
fn a_wait_that_is_over_leaves_no_trace() {
    for permits in [1, 2] {
        let semaphore = Semaphore::new(0, 2);
        assert!(semaphore.wait_many_for(permits, SHORT).is_err());
        assert_no_waiters(&semaphore);

        thread::scope(|scope| {
            let waiter = scope.spawn(|| semaphore.wait_many(permits).forget());
            while semaphore.load().need() == 0 {
                thread::yield_now();
            }
            let word = semaphore.load();
            // Fewer permits do not wake it, and only a multi-permit request holds back later ones.
            assert_eq!((word.need(), word.large()), (permits, u16::from(permits > 1)));
            semaphore.release(permits);
            waiter.join().unwrap();
        });
        assert_no_waiters(&semaphore);
    }
}

/// Contract 76, 82a: the last attempt of a wait whose deadline passes in the queue, behind a front waiter that was
/// woken and does not run.
#[test]
fn last_attempt_behind_the_front_waiter() {
    let semaphore = Semaphore::new(1, 3);
    let stays = |word: Word| word;
    assert!(!semaphore.leave_line(2, stays, false), "not enough");
    assert_eq!(semaphore.count(), 1);

    let _ = semaphore.update(Ordering::Relaxed, Word::with_large);
    assert!(!semaphore.leave_line(1, stays, true), "kept for the earlier multi-permit request");
    assert_eq!(semaphore.count(), 1);
    assert!(semaphore.leave_line(1, stays, false), "the multi-permit request came later");
    assert_eq!(semaphore.count(), 0);

    semaphore.release(1);
    assert!(semaphore.leave_line(1, Word::without_large, true), "no multi-permit request is left");
    assert_eq!(semaphore.count(), 0);
    assert_no_waiters(&semaphore);
}

/// Contract 76, 82a: the same for a request for several permits. None waited when it came, and what is released
/// in time is not kept for one that came later.
#[test]
fn last_attempt_before_a_large_request() {
    // Longer each time, until there is enough of it on a busy machine.
    for limit in (0..).map(|doubled| Duration::from_millis(1 << doubled)) {
        let semaphore = Semaphore::new(0, 2);
        assert!(semaphore.line.wait0());
        let deadline = Instant::now() + limit;
        let (in_time, taken) = thread::scope(|scope| {
            let wait = || semaphore.wait_many_until(2, deadline).map(SemaphoreGuard::forget);
            let timed = scope.spawn(move || wait().is_ok());
            while semaphore.load().large() == 0 && !timed.is_finished() {
                thread::yield_now();
            }
            let _later = semaphore.update(Ordering::Relaxed, Word::with_large);
            semaphore.release(2);
            let in_time = Instant::now() < deadline;
            (in_time, timed.join().unwrap())
        });
        if in_time {
            assert!(taken, "two permits were there, and it was the first to ask for several");
            return;
        }
    }
}

/// Contract 76: a release that comes just before the front waiter leaves.
#[test]
fn last_attempt_of_the_front_waiter() {
    let semaphore = Semaphore::new(0, 1);
    assert!(semaphore.line.wait0());
    let is_released = Cell::new(false);
    // Asked for in the last step, which finds then that the word is another one.
    let gone = |word| {
        if !is_released.replace(true) {
            semaphore.release(1);
        }
        word
    };
    assert!(semaphore.take_as_head(1, gone, Deadline::At(Instant::now())));
    assert!(is_released.get());
    assert_eq!(semaphore.count(), 0);
    assert_no_waiters(&semaphore);
}

/// Contract 63-70, on the word itself: no field flows over into another.
#[test]
fn fields_do_not_mix() {
    let full = Word::new(u16::MAX);
    assert_eq!((full.available(), full.capacity()), (u16::MAX, u16::MAX));
    assert_eq!((full.large(), full.need()), (0, 0));
    assert!(full.raised(1, u16::MAX).is_none());
    let all_taken = full.taken(u16::MAX).unwrap().with_need(u16::MAX);
    assert_eq!((all_taken.available(), all_taken.capacity()), (0, u16::MAX));
    assert!(all_taken.taken(1).is_none() && all_taken.lowered(1).is_none());
    assert_eq!((all_taken.large(), all_taken.need()), (0, u16::MAX));
    assert!(!all_taken.owes_a_wake_up());

    let mut crowd = all_taken;
    for _ in 0..u16::MAX {
        crowd = crowd.with_large().unwrap();
    }
    assert!(crowd.with_large().is_none());
    let back = Word(crowd.0 + Word::given_back(u16::MAX));
    assert_eq!((back.available(), back.capacity()), (u16::MAX, u16::MAX));
    assert_eq!((back.large(), back.need()), (u16::MAX, u16::MAX));
    assert!(back.owes_a_wake_up());
    let lowered = back.lowered(u16::MAX).unwrap();
    assert_eq!((lowered.available(), lowered.capacity(), lowered.large()), (0, 0, u16::MAX));
    let forgotten = Word(crowd.0 - Word::forgotten(u16::MAX));
    assert_eq!((forgotten.available(), forgotten.capacity()), (0, 0));
}
