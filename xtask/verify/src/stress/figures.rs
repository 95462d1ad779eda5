//! What is counted.

use std::ops::Index;
use std::sync::atomic::{AtomicU64, Ordering};

use report::Stats;

/// Something that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Rounds that a thread has seen through.
    Rounds,
    /// Sets, ticks, and permits that were released or given back.
    Sets,
    /// Waits that succeeded.
    Waits,
    /// Waits that failed.
    Timeouts,
    /// Resets, and countdowns that were armed again.
    Resets,
    /// What nobody got.
    Lost,
    /// What somebody got who should not have.
    Doubled,
    /// Threads that came to a standstill.
    Stalls,
}

/// Those that must be zero, the last of all.
const FAULTS: [Figure; 3] = [Figure::Lost, Figure::Doubled, Figure::Stalls];

impl Figure {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Rounds,
        Self::Sets,
        Self::Waits,
        Self::Timeouts,
        Self::Resets,
        Self::Lost,
        Self::Doubled,
        Self::Stalls,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Rounds => "rounds",
            Self::Sets => "sets",
            Self::Waits => "waits",
            Self::Timeouts => "timeouts",
            Self::Resets => "resets",
            Self::Lost => "lost",
            Self::Doubled => "doubled",
            Self::Stalls => "stalls",
        }
    }
}

/// All figures at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures([u64; Figure::ALL.len()]);

impl Figures {
    /// The sum of both, figure by figure.
    #[must_use]
    pub fn plus(mut self, other: Self) -> Self {
        for (sum, number) in self.0.iter_mut().zip(other.0) {
            *sum += number;
        }
        self
    }

    /// Whether nothing was found that should not be.
    #[must_use]
    pub fn are_clean(&self) -> bool {
        FAULTS.iter().all(|&figure| self[figure] == 0)
    }

    /// The report of a scenario that counted these.
    #[must_use]
    pub fn stats(&self, scenario: &str) -> Stats {
        let named = |figures: &[Figure]| -> Vec<_> {
            figures.iter().map(|&figure| (figure.name(), self[figure])).collect()
        };
        let counts = &Figure::ALL[..Figure::ALL.len() - FAULTS.len()];
        Stats::new(scenario, &named(counts), &named(&FAULTS), [])
    }
}

impl Index<Figure> for Figures {
    type Output = u64;

    fn index(&self, figure: Figure) -> &u64 {
        &self.0[figure as usize]
    }
}

/// Figures that are being counted.
#[derive(Debug, Default)]
pub(super) struct Counters([AtomicU64; Figure::ALL.len()]);

impl Counters {
    pub(super) fn add(&self, figure: Figure, number: u64) {
        self.0[figure as usize].fetch_add(number, Ordering::Relaxed);
    }

    pub(super) fn get(&self, figure: Figure) -> u64 {
        self.0[figure as usize].load(Ordering::Relaxed)
    }

    pub(super) fn figures(&self) -> Figures {
        Figures(Figure::ALL.map(|figure| self.get(figure)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Counters, Figure, Figures};

    #[test]
    fn figures_add_up_and_show_what_is_wrong() {
        let counters = Counters::default();
        counters.add(Figure::Sets, 2);
        let clean = counters.figures();
        assert!(clean.are_clean());
        counters.add(Figure::Lost, 1);
        let lost = counters.figures();
        assert!(!lost.are_clean());
        assert_eq!(clean.plus(lost)[Figure::Sets], 4);
        assert_eq!(clean.plus(Figures::default()), clean);
        let stats = lost.stats("test");
        assert_eq!((stats.counts.len(), stats.counts[1].clone()), (5, ("sets".to_owned(), 2)));
        let faults = [("lost", 1), ("doubled", 0), ("stalls", 0)];
        assert_eq!(stats.faults, faults.map(|(name, number)| (name.to_owned(), number)));
    }
}
