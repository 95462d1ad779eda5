//! A semaphore is two numbers.

/// A semaphore. The permits that guards hold are its capacity less what is available.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Semaphore {
    available: u16,
    capacity: u16,
    max: u16,
}

impl Semaphore {
    /// A semaphore with so many permits.
    ///
    /// # Panics
    ///
    /// If `initial` is above `max`.
    #[must_use]
    pub const fn new(initial: u16, max: u16) -> Self {
        assert!(initial <= max);
        Self { available: initial, capacity: initial, max }
    }

    /// Permits that can be taken.
    #[must_use]
    pub const fn available(&self) -> u16 {
        self.available
    }

    /// Permits that can be taken or are held.
    #[must_use]
    pub const fn capacity(&self) -> u16 {
        self.capacity
    }

    /// Permits that guards hold.
    #[must_use]
    pub const fn held(&self) -> u16 {
        self.capacity - self.available
    }

    /// The most permits it may have.
    #[must_use]
    pub const fn max(&self) -> u16 {
        self.max
    }

    /// Whether a wait for so many permits is refused at once. One for a single permit never is.
    #[must_use]
    pub const fn refuses(&self, permits: u16) -> bool {
        permits > 1 && permits > self.max
    }

    /// A wait for several permits. Returns whether it succeeds without blocking.
    pub fn take(&mut self, permits: u16) -> bool {
        let passes = permits <= self.available;
        if passes {
            self.available -= permits;
        }
        passes
    }

    /// A guard of so many permits is dropped.
    ///
    /// # Panics
    ///
    /// If no guard can hold so many.
    pub fn give_back(&mut self, permits: u16) {
        assert!(permits <= self.held(), "more is given back than was taken");
        self.available += permits;
    }

    /// A guard of so many permits is forgotten.
    ///
    /// # Panics
    ///
    /// If no guard can hold so many.
    pub fn forget(&mut self, permits: u16) {
        assert!(permits <= self.held(), "more is forgotten than was taken");
        self.capacity -= permits;
    }

    /// More permits. Returns whether there was room; changes nothing if not.
    pub fn release(&mut self, permits: u16) -> bool {
        let has_room = permits <= self.max - self.capacity;
        if has_room {
            self.available += permits;
            self.capacity += permits;
        }
        has_room
    }

    /// Fewer permits. Returns whether so many were available; changes nothing if not.
    pub fn take_away(&mut self, permits: u16) -> bool {
        let taken = self.take(permits);
        if taken {
            self.capacity -= permits;
        }
        taken
    }
}
