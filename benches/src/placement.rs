//! Which cores threads run on. Where the scheduler chooses, two threads that wake each other share a core in
//! one run and not in the next, which are different benchmarks.

use std::thread;

use core_affinity::{CoreId, get_core_ids, set_for_current};

/// Where the threads of a benchmark run.
#[derive(Clone, Copy)]
pub(crate) enum Placement {
    /// All on the same core.
    OneCore,
    /// In turn on two.
    TwoCores,
    /// Where the scheduler puts them.
    Free,
}

impl Placement {
    /// The cores that it needs, of those that there are.
    fn cores(self) -> Result<Vec<CoreId>, &'static str> {
        let needed = match self {
            Self::Free => 0,
            Self::OneCore => 1,
            Self::TwoCores => 2,
        };
        let mut cores = get_core_ids().unwrap_or_default();
        cores.truncate(needed);
        if cores.len() == needed { Ok(cores) } else { Err("there are not enough cores") }
    }

    /// Why it is not possible here.
    pub(crate) fn check(self) -> Result<(), &'static str> {
        // In a thread of its own, as pinning cannot be undone.
        let can_pin = |core| thread::spawn(move || set_for_current(core)).join().unwrap();
        if self.cores()?.into_iter().all(can_pin) { Ok(()) } else { Err("pinning was refused") }
    }

    /// Puts the calling thread, the `nth` of the benchmark, where it belongs. That must be possible.
    pub(crate) fn apply(self, nth: usize) {
        let cores = self.cores().unwrap();
        if !cores.is_empty() {
            assert!(set_for_current(cores[nth % cores.len()]), "pinning was refused");
        }
    }
}
