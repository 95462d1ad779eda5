//! What is said of a contender, and how it implements an object.

/// Implements the trait of an object by an expression for each method.
macro_rules! implement {
    ($trait:ident for $type:ty as $object:ident, $contender:expr,
     new($($size:ident: $number:ty)?) = $new:expr,
     $($method:ident $(($argument:ident: $kind:ty))? $(-> $out:ty)? = $body:expr),+ $(,)?) => {
        impl $trait for $type {
            const CONTENDER: $crate::contender::Contender = $contender;

            fn new($($size: $number)?) -> Self {
                $new
            }

            $(fn $method(&self $(, $argument: $kind)?) $(-> $out)? {
                let $object = self;
                $body
            })+
        }
    };
}
pub(crate) use implement;

/// One way to do what is measured.
#[derive(Clone, Copy)]
pub(crate) struct Contender {
    /// The last part of each benchmark's id.
    pub(crate) id: &'static str,
    pub(crate) label: &'static str,
    /// The dependency in `Cargo.toml` that it comes from. The standard library is none.
    pub(crate) dependency: Option<&'static str>,
    /// What it lacks.
    pub(crate) notes: &'static [&'static str],
    /// Where it does not take part: beginnings of `scenario/row`.
    absent: &'static [&'static str],
}

pub(crate) const ONE_WAITER: &str = "one thread may wait";
pub(crate) const BARGING: &str = "a thread that arrives later may take a set from a parked waiter";
pub(crate) const COALESCES: &str = "two sets in a row release one of two parked waiters";
pub(crate) const MISSES_BROADCAST: &str =
    "a reset right after a set leaves waiters parked that have not run yet";
pub(crate) const BLOCKS_ON_FUTURE: &str = "for tasks: a thread blocks on the future";

impl Contender {
    pub(crate) const fn new(id: &'static str, label: &'static str) -> Self {
        Self { id, label, dependency: None, notes: &[], absent: &[] }
    }

    pub(crate) const fn from(self, dependency: &'static str) -> Self {
        Self { dependency: Some(dependency), ..self }
    }

    pub(crate) const fn lacking(self, notes: &'static [&'static str]) -> Self {
        Self { notes, ..self }
    }

    pub(crate) const fn absent_from(self, absent: &'static [&'static str]) -> Self {
        Self { absent, ..self }
    }

    /// Whether it takes part in the row with this id.
    pub(crate) fn takes_part_in(&self, row: &str) -> bool {
        !self.absent.iter().any(|absent| row.starts_with(absent))
    }
}
