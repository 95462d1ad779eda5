//! What the threads of a history do: random operations, with random moments in between.
//!
//! How likely each operation is differs from history to history, and in some from thread to thread, and
//! often it is left out altogether ("swarm testing", A. Groce and others, 2012). So there are histories in
//! which one thread sets and resets only, or in which nobody ever resets; a fair mix of everything would hardly
//! ever come to such states.

use std::hint;
use std::iter;
use std::thread;

use fastrand::Rng;

use super::history::{LONGEST, Operation, Waiting};
use super::search::Spec;

/// The most threads of a history.
pub(crate) const MOST_THREADS: usize = 4;
/// The most steps of all threads together.
const MOST_STEPS: usize = 36;
/// The most waits of a thread that block for as long as it takes.
const MOST_RESTS: usize = 2;
/// The most calls of one rescue, of which there is at most one for each of these waits, and of last looks.
const MOST_AIDS: usize = 3 * MOST_RESTS * MOST_THREADS + 2;

const _: () = assert!(MOST_STEPS + MOST_AIDS <= LONGEST);

/// Makes an operation for an object that was like this at first.
pub(crate) type Choice<S> = fn(&S, &mut Rng) -> <S as Spec>::Operation;

/// A sequential object that knows how to use its counterpart.
pub(crate) trait Generator: Spec {
    /// What is the same for all objects of a type.
    type Setting: Copy;

    /// Operations to choose from.
    const PLAIN: &'static [Choice<Self>];
    /// More of them, after which less can be demanded of the others. Half of the histories have none.
    const LOOSENING: &'static [Choice<Self>] = &[];
    /// What a thread does at its end and before it blocks for as long as it takes, so that it holds nothing
    /// then that others need.
    const BEFORE_REST: Option<Self::Operation> = None;
    /// What is to be called when all is over.
    const LAST: &'static [Self::Operation];

    /// Any object to start with.
    fn random(setting: Self::Setting, random: &mut Rng) -> Self;
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
    /// Nothing.
    None,
    /// Looks at nothing so many times.
    Spin(u32),
    /// Lets others run.
    Yield,
}

impl Pause {
    /// Does it.
    pub(crate) fn take(self) {
        match self {
            Self::None => {}
            Self::Spin(times) => (0..times).for_each(|_| hint::spin_loop()),
            Self::Yield => thread::yield_now(),
        }
    }

    fn random(pace: Pace, random: &mut Rng) -> Self {
        match pace {
            Pace::Rushing => Self::None,
            Pace::Strolling => Self::Spin(random.u32(..64) >> random.u32(..6)),
            Pace::Dawdling if random.u8(..4) == 0 => Self::Yield,
            Pace::Dawdling => Self::Spin(random.u32(..256) >> random.u32(..8)),
        }
    }
}

/// How threads go from call to call.
#[derive(Clone, Copy)]
enum Pace {
    Rushing,
    Strolling,
    Dawdling,
}

/// Steps for each of so many threads.
pub(crate) fn programs<G: Generator>(
    model: &G,
    threads: usize,
    random: &mut Rng,
) -> Vec<Vec<Step<G::Operation>>> {
    let has_loosening = random.bool();
    let pace = one_of(&[Pace::Rushing, Pace::Rushing, Pace::Strolling, Pace::Dawdling], random);
    let common = Mix::random(has_loosening, random);
    let is_common = random.bool();
    let mut program = || {
        let mix = if is_common { common.clone() } else { Mix::random(has_loosening, random) };
        let longest = (MOST_STEPS / threads).min(12);
        let length = random.usize(6..=longest);
        steps(model, &mix, length, pace, random)
    };
    (0..threads).map(|_| program()).collect()
}

fn steps<G: Generator>(
    model: &G,
    mix: &Mix<G>,
    length: usize,
    pace: Pace,
    random: &mut Rng,
) -> Vec<Step<G::Operation>> {
    let mut steps: Vec<Step<_>> = Vec::with_capacity(length);
    let mut rests = 0;
    loop {
        let operation = mix.choose(random)(model, random);
        let is_rest = operation.waiting() == Waiting::Forever;
        let prepare = G::BEFORE_REST.filter(|_| is_rest);
        rests += usize::from(is_rest);
        let needed = 1 + usize::from(prepare.is_some()) + usize::from(G::BEFORE_REST.is_some());
        if rests > MOST_RESTS || steps.len() + needed > length {
            break;
        }
        let mut push = |operation| {
            steps.push(Step { operation, pause: Pause::random(pace, random) });
        };
        prepare.into_iter().for_each(&mut push);
        push(operation);
    }
    let last = G::BEFORE_REST.map(|operation| Step { operation, pause: Pause::None });
    steps.extend(last);
    steps
}

/// Operations as often as they are likely.
struct Mix<G: Spec>(Vec<Choice<G>>);

impl<G: Generator> Mix<G> {
    fn random(has_loosening: bool, random: &mut Rng) -> Self {
        let loosening = if has_loosening { G::LOOSENING } else { &[] };
        let operations = || G::PLAIN.iter().chain(loosening).copied();
        let mut mix = Vec::new();
        for operation in operations() {
            mix.extend(iter::repeat_n(operation, one_of(&[0, 1, 1, 2, 6], random)));
        }
        if mix.is_empty() {
            mix.extend(operations());
        }
        Self(mix)
    }

    fn choose(&self, random: &mut Rng) -> Choice<G> {
        one_of(&self.0, random)
    }
}

impl<G: Spec> Clone for Mix<G> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

fn one_of<T: Copy>(all: &[T], random: &mut Rng) -> T {
    all[random.usize(..all.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linearizability::objects::semaphore::Call;
    use crate::spec::Semaphore;

    #[test]
    fn programs_are_short_enough_and_hold_nothing_when_they_rest() {
        let mut random = Rng::with_seed(1);
        for _ in 0..1000 {
            let model = Semaphore::random((), &mut random);
            for threads in 2..=MOST_THREADS {
                let programs = programs(&model, threads, &mut random);
                assert_eq!(programs.len(), threads);
                assert!(programs.iter().map(Vec::len).sum::<usize>() <= MOST_STEPS);
                programs.iter().for_each(|program| gives_back(program));
            }
        }
    }

    fn gives_back(program: &[Step<Call>]) {
        let is_rest = |step: &Step<Call>| step.operation.waiting() == Waiting::Forever;
        assert!(program.iter().filter(|step| is_rest(step)).count() <= MOST_RESTS);
        assert!(matches!(program.last().unwrap().operation, Call::GiveBack));
        for pair in program.windows(2).filter(|pair| is_rest(&pair[1])) {
            assert!(matches!(pair[0].operation, Call::GiveBack));
        }
    }

    #[test]
    fn a_seed_makes_the_same_programs_again() {
        let programs = || {
            let mut random = Rng::with_seed(7);
            let model = Semaphore::random((), &mut random);
            format!("{model:?} {:?}", programs(&model, 3, &mut random))
        };
        assert_eq!(programs(), programs());
    }
}
