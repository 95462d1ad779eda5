//! Times in which it is known how every wait has to end.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};

use super::form::Form;
use super::post::Post;
use super::stage::Stage;

/// Phases, counted from zero, and how far each waiter has come. Only one thread may make them go on.
#[derive(Debug)]
pub(super) struct Phases<const WAITERS: usize> {
    now: AtomicU64,
    /// How a wait has to end that begins and ends in the phase of this number, if that is known.
    expected: fn(u64) -> Option<bool>,
    /// The last phase in which each waiter began a wait.
    begun: [AtomicU64; WAITERS],
    /// The last phase in which a wait of each waiter had to succeed, and did.
    passed: [AtomicU64; WAITERS],
    is_closed: AtomicBool,
}

impl<const WAITERS: usize> Phases<WAITERS> {
    pub(super) fn new(expected: fn(u64) -> Option<bool>) -> Self {
        Self {
            now: AtomicU64::new(0),
            expected,
            begun: [const { AtomicU64::new(0) }; WAITERS],
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

    /// Waits until every waiter has begun a wait in this phase, which has to be one in which waits fail.
    pub(super) fn until_all_have_begun(&self, post: &Post) {
        self.until_all_are_here(post, &self.begun);
    }

    /// Waits until every waiter has passed in this phase, which has to be one in which they do.
    pub(super) fn until_all_have_passed(&self, post: &Post) {
        self.until_all_are_here(post, &self.passed);
    }

    fn until_all_are_here(&self, post: &Post, waiters: &[AtomicU64]) {
        let now = self.now.load(Ordering::Relaxed);
        post.until(|| waiters.iter().all(|waiter| waiter.load(Ordering::Acquire) == now));
    }

    /// Nobody has to wait any longer. To be called in a phase in which waits succeed.
    pub(super) fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
    }

    /// The life of a waiter: calls `wait`, which returns whether it succeeded, until all is over. Just before a
    /// phase in which waits fail, they have a limit: nobody sleeps from there until it is over.
    pub(super) fn attend(
        &self,
        stage: &Stage,
        post: &Post,
        random: &mut fastrand::Rng,
        waiter: usize,
        mut wait: impl FnMut(Form) -> bool,
    ) {
        while !self.is_closed.load(Ordering::Relaxed) {
            let before = self.now.load(Ordering::Acquire);
            self.begun[waiter].store(before, Ordering::Release);
            let will_fail = (self.expected)(before + 1) == Some(false);
            let succeeded = wait(if will_fail { Form::brief(random) } else { Form::any(random) });
            fence(Ordering::SeqCst); // with the one in `advance`
            let after = self.now.load(Ordering::Acquire);
            let expected = (self.expected)(before).filter(|_| before == after);
            stage.lost_unless(expected != Some(true) || succeeded, "a wait failed");
            stage.doubled_unless(expected != Some(false) || !succeeded, "a wait succeeded");
            if succeeded && expected == Some(true) {
                self.passed[waiter].store(after, Ordering::Release);
                let goes_on = || self.now.load(Ordering::Relaxed) != after;
                // More would succeed just so.
                post.until(|| goes_on() || self.is_closed.load(Ordering::Relaxed));
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
        let phases =
            Phases::<1>::new(|phase| [None, Some(true), Some(false), None][phase as usize]);
        for answer in answers {
            phases.is_closed.store(false, super::Ordering::Relaxed);
            phases.attend(&stage, &post, &mut fastrand::Rng::new(), 0, |_| {
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

    /// Whoever waits for the phase in which waits fail comes there, as nobody sleeps over its beginning.
    #[test]
    fn waits_just_before_they_fail_have_a_limit() {
        let (stage, post) = (Stage::new("test"), Post::new("tester"));
        let phases = Phases::<1>::new(|phase| [None, Some(false)][phase as usize % 2]);
        let mut forms = Vec::new();
        phases.attend(&stage, &post, &mut fastrand::Rng::with_seed(1), 0, |form| {
            let before = phases.begun[0].load(super::Ordering::Relaxed);
            forms.push((before, form.limit().is_some()));
            if forms.len() == 200 {
                phases.close();
            }
            phases.advance();
            false
        });
        assert!(forms.iter().all(|&(phase, is_brief)| is_brief || phase % 2 == 1));
        assert!(forms.iter().any(|&(_, is_brief)| !is_brief));
        assert_eq!(phases.begun[0].load(super::Ordering::Relaxed), 199);
    }

    #[test]
    fn a_wait_that_saw_two_phases_may_end_as_it_likes() {
        let stage = Stage::new("test");
        let phases = Phases::<1>::new(|_| Some(true));
        phases.attend(&stage, &Post::new("tester"), &mut fastrand::Rng::new(), 0, |_| {
            phases.advance();
            phases.close();
            false
        });
        assert!(stage.figures().are_clean());
    }
}
