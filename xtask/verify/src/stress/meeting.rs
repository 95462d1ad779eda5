//! Where threads meet between two rounds.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::post::Post;
use super::stage::Stage;

/// A meeting point of a fixed number of threads. What is lost in a round cannot be made up for by the
/// next: who sleeps for it does not come.
#[derive(Debug)]
pub(super) struct Meeting {
    members: u64,
    arrived: AtomicU64,
    /// How often all have met.
    met: AtomicU64,
    is_last: AtomicBool,
}

impl Meeting {
    pub(super) fn of(members: u64) -> Self {
        Self {
            members,
            arrived: AtomicU64::new(0),
            met: AtomicU64::new(0),
            is_last: AtomicBool::new(false),
        }
    }

    /// Returns once all are there: whether to go on, which is the same for all.
    pub(super) fn meet(&self, stage: &Stage, post: &Post) -> bool {
        let arrived = self.arrived.fetch_add(1, Ordering::AcqRel) + 1;
        let meeting = arrived.div_ceil(self.members);
        if arrived == meeting * self.members {
            // The last one to come decides, while nobody can be at the next meeting. However late that is:
            // a first round is always played.
            self.is_last.store(meeting > 1 && stage.is_over(), Ordering::Relaxed);
            self.met.store(meeting, Ordering::Release);
        }
        post.until(|| self.met.load(Ordering::Acquire) >= meeting);
        !self.is_last.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;

    use super::{Meeting, Post, Stage};

    #[test]
    fn however_late_all_come_they_play_one_round() {
        let (stage, meeting) = (Stage::new("test"), Meeting::of(1));
        stage.close();
        let post = Post::new("member");
        assert!(meeting.meet(&stage, &post));
        assert!(!meeting.meet(&stage, &post));
    }

    #[test]
    fn all_meet_and_all_leave_after_the_same_round() {
        const MEMBERS: u64 = 3;
        let stage = Stage::new("test");
        let meeting = Meeting::of(MEMBERS);
        let came = AtomicU64::new(0);
        thread::scope(|scope| {
            for _ in 0..MEMBERS {
                stage.enter(scope, "member", |post, _| {
                    for round in 1.. {
                        came.fetch_add(1, Ordering::Relaxed);
                        let goes_on = meeting.meet(&stage, post);
                        assert!(came.load(Ordering::Relaxed) >= MEMBERS * round);
                        if !goes_on {
                            break;
                        }
                        if round == 100 {
                            stage.close();
                        }
                    }
                });
            }
        });
        let came = came.into_inner();
        assert!(came > 100 * MEMBERS && came.is_multiple_of(MEMBERS));
    }
}
