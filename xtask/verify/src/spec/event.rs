//! An event is a boolean.

/// What a wait does to a set event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Takes it.
    Auto,
    /// Leaves it set.
    Manual,
}

/// Both events.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Event {
    kind: Kind,
    set: bool,
}

impl Event {
    /// An event of this kind, set or not.
    #[must_use]
    pub const fn new(kind: Kind, set: bool) -> Self {
        Self { kind, set }
    }

    /// Of which kind it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether it is set.
    #[must_use]
    pub const fn is_set(&self) -> bool {
        self.set
    }

    /// Sets it.
    pub fn set(&mut self) {
        self.set = true;
    }

    /// Makes it unset.
    pub fn reset(&mut self) {
        self.set = false;
    }

    /// A wait. Returns whether it succeeds without blocking.
    pub fn wait(&mut self) -> bool {
        let passes = self.set;
        if self.kind == Kind::Auto {
            self.set = false;
        }
        passes
    }
}
