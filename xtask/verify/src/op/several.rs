//! Several objects at once, and waits for any of them and for all of them.
//!
//! What is demanded of a wait for any: one that succeeds takes from its object, at one instant. One that fails is a
//! failed check of each object, each at an instant of its own (contract 109, 111). One that is dropped may have been
//! released by one of the objects, which it then sets again.
//!
//! What is demanded of a wait for all: one that succeeds takes from all objects at one instant. One that fails does
//! so at an instant at which at least one of them is not available, and changes none (contract 113). One that is
//! dropped may have been released, and then it sets one object after another.

use std::array;

use fastrand::Rng;
use rsevents::{AutoResetEvent, ManualResetEvent, Signal};
use rsevents_extra::{Request, Semaphore};
use strum::{EnumIter, IntoStaticStr};

use super::event::EventModel;
use super::{Answer, Answers, Choice, Model, NO_BOOL, Object, YES_OR_NO, limit};
use crate::event::Kind;
use crate::wait::WaitKind;

/// The most objects, unless said otherwise. More would slow the search for an order of the calls down.
const MOST: usize = 3;

/// Of a call that fails, or returns a place.
const NO_OR_PLACE: Answers = &[0, 2];

/// What can be called. Objects are numbered from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Operation {
    /// `set`. Of a semaphore: releases a permit.
    Set(usize),
    /// `reset`. Not of a semaphore.
    Reset(usize),
    /// `is_set`. Of a semaphore: whether it has a permit.
    IsSet(usize),
    /// The waits for one object.
    Wait(usize, WaitKind),
    /// `wait_any` for these: each digit is the number of an object. Answers the place.
    WaitAny(usize, WaitKind),
    /// `wait_all` for these, of which none is there twice.
    WaitAll(usize, WaitKind),
}

use Operation::{IsSet, Reset, Set, Wait, WaitAll, WaitAny};

impl Operation {
    /// The objects that it has to do with.
    fn objects(self) -> impl Iterator<Item = usize> {
        match self {
            Set(list) | Reset(list) | IsSet(list) => numbers(list),
            Wait(list, _) | WaitAny(list, _) | WaitAll(list, _) => numbers(list),
        }
    }
}

impl super::Operation for Operation {
    fn answers(self) -> Answers {
        match self {
            Set(_) | Reset(_) => NO_BOOL,
            IsSet(_) => YES_OR_NO,
            Wait(_, kind) | WaitAll(_, kind) => kind.answers(),
            WaitAny(_, WaitKind::Wait | WaitKind::WaitAsync) => NO_BOOL,
            WaitAny(..) => NO_OR_PLACE,
        }
    }

    fn wait_mut(&mut self) -> Option<&mut WaitKind> {
        match self {
            Wait(_, kind) | WaitAny(_, kind) | WaitAll(_, kind) => Some(kind),
            Set(_) | Reset(_) | IsSet(_) => None,
        }
    }

    fn set_number(&mut self, number: usize) {
        match self {
            Set(numbers) | Reset(numbers) | IsSet(numbers) => *numbers = number,
            Wait(numbers, _) | WaitAny(numbers, _) | WaitAll(numbers, _) => *numbers = number,
        }
    }
}

/// The digits of a list of objects.
pub fn numbers(list: usize) -> impl Iterator<Item = usize> {
    let length = list.checked_ilog10().map_or(0, |most| most + 1);
    (0..length).rev().map(move |place| list / 10_usize.pow(place) % 10)
}

/// The list of these.
pub(crate) fn digits(numbers: impl IntoIterator<Item = usize>) -> usize {
    numbers.into_iter().fold(0, |list, number| list * 10 + number)
}

/// The first state of one of the objects, or a later one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OneModel {
    /// An event.
    Event(EventModel),
    /// A semaphore whose permits are forgotten by those that take them.
    Permits(u16),
}

impl OneModel {
    /// Mostly an event, and mostly unset.
    pub(crate) fn random(random: &mut Rng) -> Self {
        let is_set = random.u8(..4) == 0;
        match random.u8(..6) {
            ..3 => Self::Event(EventModel { kind: Kind::Auto, is_set }),
            3..5 => Self::Event(EventModel { kind: Kind::Manual, is_set }),
            _ => Self::Permits(random.u16(..3).saturating_sub(1)),
        }
    }

    fn set(&mut self) {
        match self {
            Self::Event(event) => event.is_set = true,
            Self::Permits(permits) => *permits += 1,
        }
    }

    const fn is_set(&self) -> bool {
        match self {
            Self::Event(event) => event.is_set,
            &Self::Permits(permits) => permits > 0,
        }
    }

    /// Returns whether there was something to take.
    fn take(&mut self) -> bool {
        let was_set = self.is_set();
        match self {
            Self::Event(event) => event.is_set &= event.kind == Kind::Manual,
            Self::Permits(permits) => *permits = permits.saturating_sub(1),
        }
        was_set
    }

    fn is_manual(&self) -> bool {
        matches!(self, Self::Event(event) if event.kind == Kind::Manual)
    }
}

/// All of the objects.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SeveralModel<const N: usize = MOST> {
    objects: [OneModel; N],
    /// How many are used.
    used: usize,
}

impl<const N: usize> SeveralModel<N> {
    /// # Panics
    ///
    /// If there are too many.
    #[must_use]
    pub fn new(objects: &[OneModel]) -> Self {
        let unset = EventModel { kind: Kind::Auto, is_set: false };
        let none = OneModel::Event(unset);
        let all = array::from_fn(|index| objects.get(index).unwrap_or(&none).clone());
        assert!(objects.len() <= N, "there are too many");
        Self { objects: all, used: objects.len() }
    }

    /// Those that are used.
    #[must_use]
    pub fn objects(&self) -> &[OneModel] {
        &self.objects[..self.used]
    }

    fn one(&self, number: usize) -> &OneModel {
        &self.objects[number - 1]
    }

    fn one_mut(&mut self, number: usize) -> &mut OneModel {
        &mut self.objects[number - 1]
    }

    /// The number of one that is used.
    fn any(&self, random: &mut Rng) -> usize {
        random.usize(1..=self.used)
    }

    /// Several in any order. Sometimes one of them twice, or one alone.
    fn list(&self, random: &mut Rng) -> usize {
        let mut numbers: Vec<_> = (1..=self.used).collect();
        random.shuffle(&mut numbers);
        match random.u8(..16) {
            0 => numbers.truncate(1),
            1 => numbers[0] = numbers[1],
            2..5 => numbers.truncate(2),
            _ => {}
        }
        digits(numbers)
    }

    /// All of them in any order, or two.
    fn different(&self, random: &mut Rng) -> usize {
        let numbers = self.two(random);
        let third = (1..=self.used).find(|number| !numbers.contains(number));
        let third = third.filter(|_| random.bool());
        digits(numbers.into_iter().chain(third))
    }

    /// Two of them in any order.
    fn two(&self, random: &mut Rng) -> [usize; 2] {
        let mut numbers: Vec<_> = (1..=self.used).collect();
        random.shuffle(&mut numbers);
        [numbers[0], numbers[1]]
    }

    fn all_are_set(&self, list: usize) -> bool {
        numbers(list).all(|number| self.one(number).is_set())
    }
}

impl<const N: usize> Model for SeveralModel<N> {
    type Operation = Operation;

    const CHOICES: &'static [Choice<Self>] = &[
        |model, random| Set(model.any(random)),
        |model, random| Set(model.any(random)),
        |model, random| Reset(model.any(random)),
        |model, random| IsSet(model.any(random)),
        |model, random| Wait(model.any(random), WaitKind::Wait0),
        |model, random| Wait(model.any(random), WaitKind::WaitFor(limit(random))),
        |model, random| Wait(model.any(random), WaitKind::Wait),
        |model, random| Wait(model.any(random), WaitKind::WaitAsyncUntilDropped(limit(random))),
        |model, random| WaitAny(model.list(random), WaitKind::Wait0),
        |model, random| WaitAny(model.list(random), WaitKind::WaitFor(limit(random))),
        |model, random| WaitAny(model.list(random), WaitKind::WaitUntil(limit(random))),
        |model, random| WaitAny(model.list(random), WaitKind::Wait),
        |model, random| WaitAny(model.list(random), WaitKind::WaitAsync),
        |model, random| WaitAny(model.list(random), WaitKind::WaitAsyncFor(limit(random))),
        |model, random| WaitAny(model.list(random), WaitKind::WaitAsyncUntilDropped(limit(random))),
        |model, random| WaitAll(model.different(random), WaitKind::Wait0),
        |model, random| WaitAll(model.different(random), WaitKind::WaitFor(limit(random))),
        |model, random| WaitAll(model.different(random), WaitKind::WaitUntil(limit(random))),
        // For two, so that few calls are enough for a rescue.
        |model, random| WaitAll(digits(model.two(random)), WaitKind::Wait),
        |model, random| WaitAll(digits(model.two(random)), WaitKind::WaitAsync),
        |model, random| WaitAll(model.different(random), WaitKind::WaitAsyncFor(limit(random))),
        |model, random| {
            WaitAll(model.different(random), WaitKind::WaitAsyncUntilDropped(limit(random)))
        },
    ];
    const OBSERVERS: &'static [Operation] = &[IsSet(1), IsSet(2), IsSet(3)];
    const RESCUE: usize = N + 1;

    fn parts(operation: Operation, answer: Answer) -> Vec<(Operation, Answer)> {
        match (operation, answer) {
            (WaitAny(list, kind), Answer::Number(place)) => {
                let winner = numbers(list).nth(place).expect("a place in the list");
                vec![(Wait(winner, kind), Answer::Is(true))]
            }
            (WaitAny(list, kind), _) => {
                let mut objects: Vec<_> = numbers(list).collect();
                objects.sort_unstable();
                objects.dedup();
                objects.into_iter().map(|number| (Wait(number, kind), answer)).collect()
            }
            _ => vec![(operation, answer)],
        }
    }

    fn have_object_in_common(one: Operation, other: Operation) -> bool {
        one.objects().any(|number| other.objects().any(|object| object == number))
    }

    fn perform(&mut self, operation: Operation, _: &mut usize) -> Option<Answer> {
        Some(match operation {
            Set(number) => {
                self.one_mut(number).set();
                Answer::Done
            }
            Reset(number) => {
                let OneModel::Event(event) = self.one_mut(number) else { return None };
                event.is_set = false;
                Answer::Done
            }
            IsSet(number) => Answer::Is(self.one(number).is_set()),
            Wait(number, _) => Answer::Is(self.one_mut(number).take()),
            WaitAny(list, _) => numbers(list)
                .position(|number| self.one_mut(number).take())
                .map_or(Answer::Is(false), Answer::Number),
            WaitAll(list, _) => {
                let passes = self.all_are_set(list);
                let objects = numbers(list).filter(|_| passes);
                Answer::Is(objects.fold(passes, |_, number| self.one_mut(number).take()))
            }
        })
    }

    fn is_read_only(&self, operation: Operation, answer: Answer) -> bool {
        match operation {
            Set(_) | Reset(_) => false,
            IsSet(_) => true,
            Wait(list, _) | WaitAll(list, _) => {
                answer == Answer::Is(false)
                    || numbers(list).all(|number| self.one(number).is_manual())
            }
            WaitAny(..) => answer == Answer::Is(false),
        }
    }

    fn may_release(operation: Operation) -> bool {
        matches!(operation, Set(_))
    }

    /// As that of a semaphore, of which each wait here is for one permit.
    fn excuses(&self, other: Operation, operation: Operation, answer: Answer) -> bool {
        let (Wait(_, kind) | WaitAll(_, kind)) = operation else { return false };
        let Wait(called, other_kind) = other else { return false };
        let is_semaphore = matches!(self.one(called), OneModel::Permits(_));
        let may_be_called = is_semaphore && other_kind != WaitKind::Wait0;
        may_be_called && kind.is_async() && answer == Answer::Is(false)
    }

    fn hand_on(&self, operation: Operation) -> Vec<(Operation, Answer)> {
        let taken = operation.objects().filter(|&number| !self.one(number).is_manual());
        taken.map(|number| (Set(number), Answer::Done)).collect()
    }

    /// Sets one of the objects of the first wait if none is set. If that is for all, sets each that is not.
    fn rescue(pending: &[Operation], mut perform: impl FnMut(Operation) -> Answer) {
        let Some(&first) = pending.first() else { return };
        let mut objects: Vec<_> = first.objects().collect();
        objects.sort_unstable();
        objects.dedup();
        let lacking =
            objects.iter().copied().filter(|&one| perform(IsSet(one)) == Answer::Is(false));
        let lacking: Vec<_> = lacking.collect();
        let to_set = match first {
            WaitAll(..) => lacking,
            _ if lacking == objects => first.objects().last().into_iter().collect(),
            _ => Vec::new(),
        };
        for number in to_set {
            perform(Set(number));
        }
    }
}

/// One of the real objects.
#[derive(Debug)]
enum One {
    Auto(AutoResetEvent),
    Manual(ManualResetEvent),
    Semaphore(Semaphore),
}

impl One {
    fn new(model: &OneModel) -> Self {
        match *model {
            OneModel::Event(EventModel { kind: Kind::Auto, is_set }) => Self::Auto(is_set.into()),
            OneModel::Event(EventModel { kind: Kind::Manual, is_set }) => {
                Self::Manual(is_set.into())
            }
            OneModel::Permits(permits) => Self::Semaphore(Semaphore::new(permits, u16::MAX)),
        }
    }

    fn set(&self) {
        match self {
            Self::Auto(event) => event.set(),
            Self::Manual(event) => event.set(),
            Self::Semaphore(semaphore) => semaphore.release(1),
        }
    }

    fn reset(&self) -> Option<Answer> {
        match self {
            Self::Auto(event) => event.reset(),
            Self::Manual(event) => event.reset(),
            Self::Semaphore(_) => return None,
        }
        Some(Answer::Done)
    }

    fn is_set(&self) -> bool {
        match self {
            Self::Auto(event) => event.is_set(),
            Self::Manual(event) => event.is_set(),
            Self::Semaphore(semaphore) => semaphore.count() > 0,
        }
    }

    fn wait(&self, kind: WaitKind) -> bool {
        match self {
            Self::Auto(event) => kind.wait(event),
            Self::Manual(event) => kind.wait(event),
            Self::Semaphore(semaphore) => {
                let guard = kind.take_one(semaphore);
                guard.map(|guard| guard.forget()).is_some()
            }
        }
    }
}

/// All of the real objects. Leaked, as a future that waits for all needs them for ever.
#[derive(Debug)]
pub struct Several<const N: usize = MOST>(&'static [One; N]);

impl<const N: usize> Several<N> {
    fn one(&self, number: usize) -> &'static One {
        &self.0[number - 1]
    }

    fn wait_any(&self, list: usize, kind: WaitKind) -> Option<usize> {
        let waited = self.waited(list);
        let signals: Vec<_> = waited.iter().map(Waited::signal).collect();
        let winner = kind.wait_any(&signals);
        for (place, waited) in waited.iter().enumerate() {
            waited.end(Some(place) == winner);
        }
        winner
    }

    fn wait_all(&self, list: usize, kind: WaitKind) -> bool {
        if !kind.is_async() {
            let waited = self.waited(list);
            let signals: Vec<_> = waited.iter().map(Waited::signal).collect();
            let passed = kind.wait_all(&signals);
            waited.iter().for_each(|waited| waited.end(passed));
            return passed;
        }
        let waited: &'static [Waited] = self.waited(list).leak();
        let signals: Vec<_> = waited.iter().map(Waited::signal).collect();
        let passed = kind.wait_all_static(&signals);
        waited.iter().for_each(|waited| waited.end(passed));
        passed
    }

    fn waited(&self, list: usize) -> Vec<Waited> {
        numbers(list).map(|number| Waited::new(self.one(number))).collect()
    }
}

/// One of the objects that a call waits for.
enum Waited {
    Auto(&'static AutoResetEvent),
    Manual(&'static ManualResetEvent),
    /// A request for each place, also where a semaphore has several.
    Semaphore(Request<'static>),
}

impl Waited {
    fn new(one: &'static One) -> Self {
        match one {
            One::Auto(event) => Self::Auto(event),
            One::Manual(event) => Self::Manual(event),
            One::Semaphore(semaphore) => Self::Semaphore(semaphore.request(1)),
        }
    }

    fn signal(&self) -> &dyn Signal {
        match self {
            Self::Auto(event) => *event,
            Self::Manual(event) => *event,
            Self::Semaphore(request) => request,
        }
    }

    /// Forgets the permit that it has if the wait has passed by this.
    ///
    /// # Panics
    ///
    /// If it has none then, or has one otherwise.
    fn end(&self, has_passed: bool) {
        let Self::Semaphore(request) = self else { return };
        let guard = request.take();
        assert_eq!(guard.is_some(), has_passed, "a wait that has passed has the permit");
        guard.into_iter().for_each(|guard| guard.forget());
    }
}

impl<const N: usize> Object for Several<N> {
    type Model = SeveralModel<N>;
    type Held<'a> = ();

    fn random(random: &mut Rng) -> SeveralModel<N> {
        let used = random.usize(2..=N);
        let objects: Vec<_> = (0..used).map(|_| OneModel::random(random)).collect();
        SeveralModel::new(&objects)
    }

    fn new(model: &SeveralModel<N>) -> Self {
        Self(Box::leak(Box::new(array::from_fn(|index| One::new(&model.objects[index])))))
    }

    fn perform(&self, operation: Operation, (): &mut ()) -> Option<Answer> {
        Some(match operation {
            Set(number) => {
                self.one(number).set();
                Answer::Done
            }
            Reset(number) => return self.one(number).reset(),
            IsSet(number) => Answer::Is(self.one(number).is_set()),
            Wait(number, kind) => Answer::Is(self.one(number).wait(kind)),
            WaitAny(list, kind) => {
                self.wait_any(list, kind).map_or(Answer::Is(false), Answer::Number)
            }
            WaitAll(list, kind) => Answer::Is(self.wait_all(list, kind)),
        })
    }
}
