//! Whether all threads go on.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::post::{Post, Step};
use super::stage::Stage;

/// Looks at the threads of some stages, and remembers since when each has stood still.
pub(super) struct Watch<'a> {
    stages: &'a [Stage],
    seen: Vec<Seen<'a>>,
}

/// A thread as it was when it was last seen to have gone on.
struct Seen<'a> {
    stage: &'a Stage,
    post: Arc<Post>,
    operations: u64,
    since: Instant,
}

impl<'a> Watch<'a> {
    pub(super) fn new(stages: &'a [Stage]) -> Self {
        Self { stages, seen: Vec::new() }
    }

    /// Looks at all threads.
    pub(super) fn look(&mut self, now: Instant) {
        for stage in self.stages {
            for post in stage.posts() {
                let known = self.seen.iter_mut().find(|seen| Arc::ptr_eq(&seen.post, &post));
                match known {
                    Some(seen) => seen.look(now),
                    None => self.seen.push(Seen::new(stage, post, now)),
                }
            }
        }
    }

    /// Counts the threads that have stood still for `patience`. Returns whether there are any.
    pub(super) fn count_stalls(&self, patience: Duration, now: Instant) -> bool {
        let stalled = self.seen.iter().filter(|seen| seen.has_stalled(patience, now));
        stalled.map(|seen| seen.stage.stalled()).count() > 0
    }
}

impl<'a> Seen<'a> {
    fn new(stage: &'a Stage, post: Arc<Post>, now: Instant) -> Self {
        Self { stage, operations: post.operations(), post, since: now }
    }

    fn look(&mut self, now: Instant) {
        let operations = self.post.operations();
        if operations != self.operations {
            (self.operations, self.since) = (operations, now);
        }
    }

    fn has_stalled(&self, patience: Duration, now: Instant) -> bool {
        self.post.step() != Step::Gone && now.duration_since(self.since) >= patience
    }
}

impl fmt::Display for Watch<'_> {
    /// Every thread and every object.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |f: &mut fmt::Formatter<'_>, cells: [&str; 5]| {
            let [scenario, role, step, operations, still] = cells;
            writeln!(f, "{scenario:22} {role:10} {step:12} {operations:>12} {still:>10}")
        };
        row(f, ["scenario", "thread", "step", "operations", "still for"])?;
        for Seen { stage, post, operations, since } in &self.seen {
            let still = format!("{:.1} s", since.elapsed().as_secs_f64());
            let (step, operations) = (format!("{:?}", post.step()), operations.to_string());
            row(f, [stage.name(), post.role(), &step, &operations, &still])?;
        }
        self.stages.iter().try_for_each(|stage| stage.fmt(f))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;
    use std::time::{Duration, Instant};

    use super::{Stage, Step, Watch};
    use crate::stress::figures::Figure;

    const PATIENCE: Duration = Duration::from_secs(30);

    #[test]
    fn who_stands_still_is_found_and_shown() {
        let stages = [Stage::new("object::scenario")];
        stages[0].put("gate", 7);
        let mut watch = Watch::new(&stages);
        let (wake, asleep) = mpsc::channel::<()>();
        thread::scope(|scope| {
            stages[0].enter(scope, "leaver", |_, _| {});
            stages[0].enter(scope, "sleeper", move |post, _| {
                post.until(|| asleep.recv().is_err());
            });
            let steps = || stages[0].posts().iter().map(|post| post.step()).collect::<Vec<_>>();
            while steps() != [Step::Gone, Step::AwaitOthers] {
                thread::yield_now();
            }
            let start = Instant::now();
            watch.look(start);
            assert!(!watch.count_stalls(PATIENCE, start));
            watch.look(start + PATIENCE);
            assert!(watch.count_stalls(PATIENCE, start + PATIENCE));
            drop(wake);
        });
        assert_eq!(stages[0].figures()[Figure::Stalls], 1);
        let shown = watch.to_string();
        assert!(shown.contains("sleeper") && shown.contains("object::scenario: gate is 7"));

        watch.look(Instant::now() + PATIENCE);
        assert!(!watch.count_stalls(PATIENCE, Instant::now() + 2 * PATIENCE), "it went on");
    }
}
