//! Which calls came up, with which answers. What never came up was not checked.

use std::collections::BTreeMap;
use std::fmt;

use super::history::{Answer, Answers, Call, Operation};

/// A method, and whether it said yes or no if it says such a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    method: &'static str,
    answer: Option<bool>,
}

impl Kind {
    fn of<O: Operation>(call: &Call<O>) -> Self {
        let answer = match call.answer {
            Answer::Is(answer) => Some(answer),
            Answer::Done | Answer::Number(_) => None,
        };
        Self { method: call.operation.method(), answer }
    }
}

/// `wait0:no`
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.method)?;
        match self.answer {
            Some(true) => f.write_str(":yes"),
            Some(false) => f.write_str(":no"),
            None => Ok(()),
        }
    }
}

/// How often each came up.
#[derive(Clone, Debug, Default)]
pub struct Kinds(BTreeMap<Kind, u64>);

impl Kinds {
    /// Those that should come up, none of which has.
    pub(super) fn expected<O: Operation>() -> Self {
        let kinds = O::METHODS.iter().flat_map(|&(method, answers)| {
            let answers: &[_] = match answers {
                Answers::Other => &[None],
                Answers::Yes => &[Some(true)],
                Answers::YesAndNo => &[Some(true), Some(false)],
            };
            answers.iter().map(move |&answer| Kind { method, answer })
        });
        Self(kinds.map(|kind| (kind, 0)).collect())
    }

    pub(super) fn note<O: Operation>(&mut self, call: &Call<O>) {
        *self.0.entry(Kind::of(call)).or_default() += 1;
    }

    pub(super) fn add(&mut self, other: Self) {
        for (kind, count) in other.0 {
            *self.0.entry(kind).or_default() += count;
        }
    }

    /// The same by their names.
    pub(super) fn outcomes(&self) -> impl Iterator<Item = (String, u64)> {
        self.0.iter().map(|(kind, &count)| (kind.to_string(), count))
    }
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;

    use super::*;
    use crate::linearizability::program::Generator;
    use crate::spec::{self, Countdown, Event, Semaphore};

    /// A method that is missing there would not be missed.
    fn all_are_expected<G: Generator>(setting: G::Setting) {
        let mut random = Rng::with_seed(1);
        let model = G::random(setting, &mut random);
        for choice in G::PLAIN.iter().chain(G::LOOSENING) {
            let method = choice(&model, &mut random).method();
            let mut methods = G::Operation::METHODS.iter();
            assert!(methods.any(|&(expected, _)| expected == method), "{method}");
        }
    }

    #[test]
    fn what_can_be_called_is_expected() {
        all_are_expected::<Event>(spec::Kind::Auto);
        all_are_expected::<Countdown>(());
        all_are_expected::<Semaphore>(());
    }

    #[test]
    fn what_came_up_is_counted_by_answer() {
        use crate::linearizability::objects::event::Call as Called;
        let mut kinds = Kinds::expected::<Called>();
        for (operation, answer) in [
            (Called::Set, Answer::Done),
            (Called::Wait0, Answer::Is(true)),
            (Called::Wait0, Answer::Is(true)),
        ] {
            kinds.note(&Call { thread: 0, operation, answer, start: 0, end: 1 });
        }
        kinds.add(kinds.clone());
        let outcomes: BTreeMap<_, _> = kinds.outcomes().collect();
        assert_eq!(outcomes["set"], 2);
        assert_eq!(outcomes["wait0:yes"], 4);
        assert_eq!(outcomes["wait0:no"], 0);
        assert_eq!(outcomes.get("wait:no"), None);
    }
}
