//! Where one scenario plays: its threads, its objects, and what it found.

use std::fmt::{self, Debug, Display};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::Scope;
use std::time::Instant;

use super::figures::{Counters, Figure, Figures};
use super::post::Post;

/// The stage of a scenario that is running.
pub(super) struct Stage {
    name: &'static str,
    start: Instant,
    is_over: AtomicBool,
    found: Counters,
    posts: Mutex<Vec<Arc<Post>>>,
    objects: Mutex<Vec<Object>>,
}

/// A name, and what to show of it.
type Object = (&'static str, Arc<dyn Debug + Send + Sync>);

impl Stage {
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            start: Instant::now(),
            is_over: AtomicBool::new(false),
            found: Counters::default(),
            posts: Mutex::default(),
            objects: Mutex::default(),
        }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Puts an object on the stage, where a watcher can see it.
    pub(super) fn put<T: Debug + Send + Sync + 'static>(
        &self,
        name: &'static str,
        object: T,
    ) -> Arc<T> {
        let object = Arc::new(object);
        self.objects.lock().unwrap().push((name, Arc::clone(&object) as _));
        object
    }

    /// Starts a thread.
    pub(super) fn enter<'scope, 'env>(
        &self,
        scope: &'scope Scope<'scope, 'env>,
        role: &'static str,
        play: impl FnOnce(&Post, &mut fastrand::Rng) + Send + 'scope,
    ) {
        let post = Arc::new(Post::new(role));
        self.posts.lock().unwrap().push(Arc::clone(&post));
        scope.spawn(move || {
            play(&post, &mut fastrand::Rng::new());
            post.leave();
        });
    }

    /// The threads that have been started.
    pub(super) fn posts(&self) -> Vec<Arc<Post>> {
        self.posts.lock().unwrap().clone()
    }

    /// Asks the threads to come to an end.
    pub(super) fn close(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// Whether to come to an end.
    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Demands that everything that was there was got.
    pub(super) fn lost_unless(&self, holds: bool, what: impl Display) {
        self.found_unless(holds, Figure::Lost, what);
    }

    /// Demands that nobody got what was not there.
    pub(super) fn doubled_unless(&self, holds: bool, what: impl Display) {
        self.found_unless(holds, Figure::Doubled, what);
    }

    /// Demands that as much was got as was there.
    pub(super) fn balance(&self, there: u64, got: u64, what: &str) {
        self.lost_unless(there <= got, format_args!("{what}: {there} there, {got} got"));
        self.doubled_unless(there >= got, format_args!("{what}: {there} there, {got} got"));
    }

    pub(super) fn stalled(&self) {
        self.found.add(Figure::Stalls, 1);
    }

    fn found_unless(&self, holds: bool, figure: Figure, what: impl Display) {
        if !holds {
            self.found.add(figure, 1);
            // Others of its kind would say nothing new.
            if self.found.get(figure) == 1 {
                let time = self.start.elapsed().as_secs_f64();
                eprintln!("{}: {figure:?} after {time:.3} s: {what}", self.name);
            }
        }
    }

    /// What all threads have counted, and what was found.
    pub(super) fn figures(&self) -> Figures {
        let posts = self.posts();
        let counted = posts.iter().map(|post| post.counters().figures());
        counted.fold(self.found.figures(), Figures::plus)
    }
}

impl Display for Stage {
    /// The objects as they are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, object) in self.objects.lock().unwrap().iter() {
            writeln!(f, "{}: {name} is {object:?}", self.name)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Figure, Stage};

    #[test]
    fn a_balance_tells_which_side_is_short() {
        let stage = Stage::new("test");
        stage.balance(3, 3, "nothing");
        assert!(stage.figures().are_clean());
        stage.balance(3, 2, "a set");
        stage.balance(3, 4, "a set");
        stage.balance(3, 5, "a set");
        let figures = stage.figures();
        assert_eq!((figures[Figure::Lost], figures[Figure::Doubled]), (1, 2));
    }
}
