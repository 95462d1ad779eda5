//! Which cores threads run on. Where the scheduler chooses, two threads that hand something to and fro
//! end up on one core in one run and on two in the next, which are different benchmarks.

use std::sync::OnceLock;

use core_affinity::CoreId;

/// Where the threads of a benchmark run.
#[derive(Clone, Copy, Debug)]
pub enum Placement {
    /// All on the same core.
    OneCore,
    /// In turn on two.
    TwoCores,
    /// Where the scheduler puts them.
    Free,
}

impl Placement {
    /// Whether it can be had here.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn check(self) -> Result<(), &'static str> {
        let needed = match self {
            Self::Free => 0,
            Self::OneCore => 1,
            Self::TwoCores => 2,
        };
        match cores().get(..needed) {
            None => Err("there are not enough cores"),
            Some(cores) if cores.iter().all(|core| can_pin(*core)) => Ok(()),
            Some(_) => Err("pinning was refused"),
        }
    }

    /// Puts the calling thread, the `nth` of the benchmark, where it belongs.
    ///
    /// # Panics
    ///
    /// If it cannot be put there, see [`check`](Self::check).
    pub fn apply(self, nth: usize) {
        let core = match self {
            Self::Free => return,
            Self::OneCore => 0,
            Self::TwoCores => nth % 2,
        };
        assert!(core_affinity::set_for_current(cores()[core]), "pinning was refused");
    }
}

fn cores() -> &'static [CoreId] {
    static CORES: OnceLock<Vec<CoreId>> = OnceLock::new();
    CORES.get_or_init(|| core_affinity::get_core_ids().unwrap_or_default())
}

/// In a thread of its own, as it cannot be undone.
fn can_pin(core: CoreId) -> bool {
    std::thread::spawn(move || core_affinity::set_for_current(core)).join().unwrap()
}
