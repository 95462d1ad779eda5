//! Times in which it is known how every wait has to end.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};

use super::post::Post;
use super::stage::Stage;

/// Phases, counted from zero, and how far each waiter has come. Only one thread may make them go on.
#[derive(Debug)]
pub(super) struct Phases<const WAITERS: usize> {
    now: AtomicU64,
    /// How a wait has to end that begins and ends in the phase of this number, if that is known.
    expected: fn(u64) -> Option<bool>,
    /// The last phase in which a wait of each waiter succeeded.
    passed: [AtomicU64; WAITERS],
    is_closed: AtomicBool,
}

impl<const WAITERS: usize> Phases<WAITERS> {
    pub(super) fn new(expected: fn(u64) -> Option<bool>) -> Self {
        Self {
            now: AtomicU64::new(0),
            expected,
            passed: [const { AtomicU64::new(0) }; WAITERS],
            is_closed: AtomicBool::new(false),
        }
    }

    /// The phase is over, and the next begins.
    pub(super) fn advance(&self) {
        self.now.fetch_add(1, Ordering::Release);
        // Whoever sees what happens from now on sees that the phase is over, also without a success, which
        // alone would acquire.
        fence(Ordering::SeqCst);
    }

    /// Waits until every waiter has passed in this phase, which has to be one in which they do.
    pub(super) fn until_all_have_passed(&self, post: &Post) {
        let now = self.now.load(Ordering::Relaxed);
        post.until(|| self.passed.iter().all(|passed| passed.load(Ordering::Acquire) == now));
    }

    /// Nobody has to wait any longer. To be called in a phase in which waits succeed.
    pub(super) fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
    }

    /// The life of a waiter: calls `wait`, which returns whether it succeeded, until all is over.
    pub(super) fn attend(
        &self,
        stage: &Stage,
        post: &Post,
        waiter: usize,
        mut wait: impl FnMut() -> bool,
    ) {
        while !self.is_closed.load(Ordering::Relaxed) {
            let before = self.now.load(Ordering::Acquire);
            let succeeded = wait();
            fence(Ordering::SeqCst); // with the one in `advance`
            let after = self.now.load(Ordering::Acquire);
            let expected = (self.expected)(before).filter(|_| before == after);
            stage.lost_unless(expected != Some(true) || succeeded, "a wait failed");
            stage.doubled_unless(expected != Some(false) || !succeeded, "a wait succeeded");
            if succeeded {
                self.passed[waiter].store(after, Ordering::Release);
                let goes_on = || self.now.load(Ordering::Relaxed) != after;
                if expected == Some(true) {
                    // More would succeed just so.
                    post.until(|| goes_on() || self.is_closed.load(Ordering::Relaxed));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Phases, Post, Stage};
    use crate::stress::figures::Figure;

    /// One wait in each of three phases: in the first nothing is known, then it has to succeed, then to fail.
    fn found(answers: [bool; 3]) -> (u64, u64) {
        let stage = Stage::new("test");
        let post = Post::new("tester");
        let phases = Phases::<1>::new(|phase| [None, Some(true), Some(false)][phase as usize]);
        for answer in answers {
            phases.is_closed.store(false, super::Ordering::Relaxed);
            phases.attend(&stage, &post, 0, || {
                phases.close();
                answer
            });
            if phases.now.load(super::Ordering::Relaxed) < 2 {
                phases.advance();
            }
        }
        (stage.figures()[Figure::Lost], stage.figures()[Figure::Doubled])
    }

    #[test]
    fn waits_are_judged_by_their_phase() {
        assert_eq!(found([false, true, false]), (0, 0));
        assert_eq!(found([true, true, false]), (0, 0));
        assert_eq!(found([true, false, false]), (1, 0));
        assert_eq!(found([true, true, true]), (0, 1));
    }

    #[test]
    fn a_wait_that_saw_two_phases_may_end_as_it_likes() {
        let stage = Stage::new("test");
        let phases = Phases::<1>::new(|_| Some(true));
        phases.attend(&stage, &Post::new("tester"), 0, || {
            phases.advance();
            phases.close();
            false
        });
        assert!(stage.figures().are_clean());
    }
}
