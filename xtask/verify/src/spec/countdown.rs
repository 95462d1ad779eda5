//! A countdown is a number.

/// A countdown event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Countdown {
    count: usize,
}

impl Countdown {
    /// The largest count.
    pub const MAX: usize = u32::MAX as usize;

    /// A countdown from `count`.
    ///
    /// # Panics
    ///
    /// Above [`MAX`](Self::MAX).
    #[must_use]
    pub const fn new(count: usize) -> Self {
        assert!(count <= Self::MAX);
        Self { count }
    }

    /// How many tasks are outstanding.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Tasks are done. Returns whether that brought the count to zero.
    pub fn decrement_by(&mut self, tasks: usize) -> bool {
        let before = self.count;
        self.count = before.saturating_sub(tasks);
        before > 0 && self.count == 0
    }

    /// More tasks. Returns whether there was room for all of them; otherwise none is added.
    pub fn try_increment_by(&mut self, tasks: usize) -> bool {
        let has_room = tasks <= Self::MAX - self.count;
        self.count += if has_room { tasks } else { 0 };
        has_room
    }

    /// Replaces the count. Returns whether that is at most [`MAX`](Self::MAX); changes nothing if not.
    pub fn reset(&mut self, count: usize) -> bool {
        let fits = count <= Self::MAX;
        if fits {
            self.count = count;
        }
        fits
    }

    /// A wait. Returns whether it succeeds without blocking.
    #[must_use]
    pub const fn wait(&self) -> bool {
        self.count == 0
    }
}
