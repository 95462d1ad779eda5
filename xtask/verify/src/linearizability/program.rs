//! What the threads of a history do: random operations, with random moments in between.
//!
//! How likely each operation is differs from history to history, and in some from thread to thread, and
//! often it is left out altogether ("swarm testing", A. Groce and others, 2012). So there are histories in
//! which one thread only sets and resets, or in which no thread ever resets; an even mix would hardly ever reach
//! such states.

use std::hint;
use std::iter;
use std::thread;

use fastrand::Rng;

use super::history::LONGEST;
use crate::op::{Choice, Model, is_unlimited};

/// The most threads of a history.
pub(crate) const MOST_THREADS: usize = 4;
/// The most steps of all threads together, if there is room for more.
const MOST_STEPS: usize = 36;
/// The most waits of a thread without a limit.
const MOST_RESTS: usize = 2;

/// The most steps of all threads together, so that there is room for the conductor's calls.
const fn most_steps<M: Model>() -> usize {
    // At most one rescue for each of these waits.
    let conducted = M::RESCUE * MOST_RESTS * MOST_THREADS + M::OBSERVERS.len();
    let room = LONGEST - conducted;
    if room < MOST_STEPS { room } else { MOST_STEPS }
}

/// An operation, and what a thread does before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step<O> {
    /// What to call.
    pub(crate) operation: O,
    /// What comes before.
    pub(crate) pause: Pause,
}

/// What a thread does between its calls.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pause {
    /// Spins this often.
    Spin(u32),
    /// Lets others run.
    Yield,
}

impl Pause {
    /// Does it.
    pub(crate) fn take(self) {
        match self {
            Self::Spin(times) => (0..times).for_each(|_| hint::spin_loop()),
            Self::Yield => thread::yield_now(),
        }
    }
}

/// How long threads pause between calls: not at all, a little, or longer.
const PACES: [fn(&mut Rng) -> Pause; 4] = [
    |_| Pause::Spin(0),
    |_| Pause::Spin(0),
    |random| Pause::Spin(random.u32(..64) >> random.u32(..6)),
    |random| match random.u8(..4) {
        0 => Pause::Yield,
        _ => Pause::Spin(random.u32(..256) >> random.u32(..8)),
    },
];

/// Steps for each thread.
pub(crate) fn programs<M: Model>(
    model: &M,
    threads: usize,
    random: &mut Rng,
) -> Vec<Vec<Step<M::Operation>>> {
    let has_loosening = random.bool();
    let pace = one_of(&PACES, random);
    let common = mix::<M>(has_loosening, random);
    let is_common = random.bool();
    let mut program = || {
        let mix = if is_common { common.clone() } else { mix::<M>(has_loosening, random) };
        let longest = (most_steps::<M>() / threads).min(12);
        let length = random.usize(6..=longest);
        steps(model, &mix, length, pace, random)
    };
    (0..threads).map(|_| program()).collect()
}

fn steps<M: Model>(
    model: &M,
    mix: &[Choice<M>],
    length: usize,
    pace: fn(&mut Rng) -> Pause,
    random: &mut Rng,
) -> Vec<Step<M::Operation>> {
    let mut steps: Vec<Step<_>> = Vec::with_capacity(length);
    let mut rests = 0;
    loop {
        let operation = one_of(mix, random)(model, random);
        let is_rest = is_unlimited(operation);
        let prepare = M::BEFORE_REST.filter(|_| is_rest);
        rests += usize::from(is_rest);
        let needed = 1 + usize::from(prepare.is_some()) + usize::from(M::BEFORE_REST.is_some());
        if rests > MOST_RESTS || steps.len() + needed > length {
            break;
        }
        let mut push = |operation| {
            steps.push(Step { operation, pause: pace(random) });
        };
        prepare.into_iter().for_each(&mut push);
        push(operation);
    }
    let last = M::BEFORE_REST.map(|operation| Step { operation, pause: Pause::Spin(0) });
    steps.extend(last);
    steps
}

/// Operations as often as they are likely.
fn mix<M: Model>(has_loosening: bool, random: &mut Rng) -> Vec<Choice<M>> {
    let loosening = if has_loosening { M::LOOSENING } else { &[] };
    let operations = || M::CHOICES.iter().chain(loosening).copied();
    let mut mix = Vec::new();
    for operation in operations() {
        mix.extend(iter::repeat_n(operation, one_of(&[0, 1, 1, 2, 6], random)));
    }
    if mix.is_empty() {
        mix.extend(operations());
    }
    mix
}

fn one_of<T: Copy>(all: &[T], random: &mut Rng) -> T {
    all[random.usize(..all.len())]
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rsevents_extra::Semaphore;

    use super::*;
    use crate::op::Object;
    use crate::op::semaphore::Operation;

    #[test]
    fn programs_are_short_enough_and_hold_nothing_when_they_rest() {
        let mut random = Rng::with_seed(1);
        for _ in 0..1000 {
            let model = Arc::<Semaphore>::random(&mut random);
            for threads in 2..=MOST_THREADS {
                let programs = programs(&model, threads, &mut random);
                assert_eq!(programs.len(), threads);
                assert!(programs.iter().map(Vec::len).sum::<usize>() <= MOST_STEPS);
                programs.iter().for_each(|program| gives_back(program));
            }
        }
    }

    #[test]
    fn a_seed_makes_the_same_programs_again() {
        let programs = || {
            let mut random = Rng::with_seed(7);
            let model = Arc::<Semaphore>::random(&mut random);
            format!("{model:?} {:?}", programs(&model, 3, &mut random))
        };
        assert_eq!(programs(), programs());
    }

    fn gives_back(program: &[Step<Operation>]) {
        let is_rest = |step: &Step<Operation>| is_unlimited(step.operation);
        assert!(program.iter().filter(|step| is_rest(step)).count() <= MOST_RESTS);
        assert!(matches!(program.last().unwrap().operation, Operation::Drop));
        for pair in program.windows(2).filter(|pair| is_rest(&pair[1])) {
            assert!(matches!(pair[0].operation, Operation::Drop));
        }
    }
}
