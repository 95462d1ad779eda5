//! Two or three objects at once, and waits for any of them.
//!
//! What is demanded of a wait for any: one that succeeds takes from its object, at one instant. One that fails is a failed
//! look at each object, each at an instant of its own (contract 109, 111). One that is dropped may have been released by
//! one of the objects, which it then sets again.

use std::array;

use fastrand::Rng;
use rsevents::{AutoResetEvent, ManualResetEvent, Signal};
use rsevents_extra::Semaphore;
use strum::{EnumIter, IntoStaticStr};

use super::event::EventModel;
use super::{Answer, Answers, Choice, Model, NO_BOOL, Object, YES_OR_NO, limit};
use crate::event::Kind;
use crate::wait::WaitKind;

/// The most objects.
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
}

use Operation::{IsSet, Reset, Set, Wait, WaitAny};

impl super::Operation for Operation {
    fn answers(self) -> Answers {
        match self {
            Set(_) | Reset(_) => NO_BOOL,
            IsSet(_) => YES_OR_NO,
            Wait(_, kind) => kind.answers(),
            WaitAny(_, WaitKind::Wait | WaitKind::WaitAsync) => NO_BOOL,
            WaitAny(..) => NO_OR_PLACE,
        }
    }

    fn wait_mut(&mut self) -> Option<&mut WaitKind> {
        match self {
            Wait(_, kind) | WaitAny(_, kind) => Some(kind),
            Set(_) | Reset(_) | IsSet(_) => None,
        }
    }

    fn set_number(&mut self, number: usize) {
        match self {
            Set(numbers) | Reset(numbers) | IsSet(numbers) => *numbers = number,
            Wait(numbers, _) | WaitAny(numbers, _) => *numbers = number,
        }
    }
}

/// The digits of a list of objects.
pub fn numbers(list: usize) -> impl Iterator<Item = usize> {
    let digits = [100, 10, 1].into_iter().map(move |unit| list / unit % 10);
    digits.filter(|&digit| digit > 0)
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
    fn random(random: &mut Rng) -> Self {
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
pub struct SeveralModel {
    objects: [OneModel; MOST],
    /// How many are used.
    used: usize,
}

impl SeveralModel {
    /// # Panics
    ///
    /// If there are too many.
    #[must_use]
    pub fn new(objects: &[OneModel]) -> Self {
        let unset = EventModel { kind: Kind::Auto, is_set: false };
        let none = OneModel::Event(unset);
        let all = array::from_fn(|index| objects.get(index).unwrap_or(&none).clone());
        assert!(objects.len() <= MOST, "there are too many");
        Self { objects: all, used: objects.len() }
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
        numbers.into_iter().fold(0, |list, number| list * 10 + number)
    }
}

impl Model for SeveralModel {
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
    ];
    const OBSERVERS: &'static [Operation] = &[IsSet(1), IsSet(2), IsSet(3)];
    const RESCUE: usize = MOST + 1;
    const OBJECTS: usize = MOST;

    fn part(operation: Operation, answer: Answer, object: usize) -> Option<(Operation, Answer)> {
        let number = object + 1;
        match operation {
            WaitAny(list, kind) => match answer {
                Answer::Number(place) => (numbers(list).nth(place) == Some(number))
                    .then_some((Wait(number, kind), Answer::Is(true))),
                _ => numbers(list).any(|one| one == number).then_some((Wait(number, kind), answer)),
            },
            Set(one) | Reset(one) | IsSet(one) | Wait(one, _) => {
                (one == number).then_some((operation, answer))
            }
        }
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
        })
    }

    fn is_read_only(&self, operation: Operation, answer: Answer) -> bool {
        match operation {
            Set(_) | Reset(_) => false,
            IsSet(_) => true,
            Wait(number, _) => answer == Answer::Is(false) || self.one(number).is_manual(),
            WaitAny(..) => answer == Answer::Is(false),
        }
    }

    fn may_release(operation: Operation) -> bool {
        matches!(operation, Set(_))
    }

    /// As that of a semaphore, of which each wait here is for one permit.
    fn excuses(&self, other: Operation, operation: Operation, answer: Answer) -> bool {
        let Wait(number, kind) = operation else { return false };
        let is_semaphore = matches!(self.one(number), OneModel::Permits(_));
        let may_be_called = matches!(other, Wait(_, kind) if kind != WaitKind::Wait0);
        is_semaphore && kind.is_async() && answer == Answer::Is(false) && may_be_called
    }

    fn hand_on(&self, operation: Operation) -> Option<(Operation, Answer)> {
        let Wait(number, _) = operation else { return None };
        (!self.one(number).is_manual()).then_some((Set(number), Answer::Done))
    }

    /// Sets one of the objects of the first wait, if none is set.
    fn rescue(pending: &[Operation], mut perform: impl FnMut(Operation) -> Answer) {
        let Some(&(Wait(list, _) | WaitAny(list, _))) = pending.first() else { return };
        let Some(last) = numbers(list).last() else { return };
        let mut objects: Vec<_> = numbers(list).collect();
        objects.sort_unstable();
        objects.dedup();
        if objects.into_iter().all(|number| perform(IsSet(number)) == Answer::Is(false)) {
            perform(Set(last));
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

/// All of the real objects.
#[derive(Debug)]
pub struct Several([One; MOST]);

impl Several {
    fn one(&self, number: usize) -> &One {
        &self.0[number - 1]
    }

    fn wait_any(&self, list: usize, kind: WaitKind) -> Option<usize> {
        // A request for each place, also where a semaphore has several.
        let requests: Vec<_> = numbers(list)
            .map(|number| match self.one(number) {
                One::Semaphore(semaphore) => Some(semaphore.request(1)),
                _ => None,
            })
            .collect();
        let signals: Vec<&dyn Signal> = numbers(list)
            .zip(&requests)
            .map(|(number, request)| match (self.one(number), request) {
                (_, Some(request)) => request as &dyn Signal,
                (One::Auto(event), _) => event,
                (One::Manual(event), _) => event,
                (One::Semaphore(_), None) => unreachable!("it has a request"),
            })
            .collect();
        let winner = kind.wait_any(&signals);
        for (place, request) in requests.iter().enumerate() {
            let Some(request) = request else { continue };
            let guard = request.take();
            assert_eq!(guard.is_some(), Some(place) == winner, "the winner has the permit");
            guard.into_iter().for_each(|guard| guard.forget());
        }
        winner
    }
}

impl Object for Several {
    type Model = SeveralModel;
    type Held<'a> = ();

    fn random(random: &mut Rng) -> SeveralModel {
        let used = random.usize(2..=MOST);
        let objects: Vec<_> = (0..used).map(|_| OneModel::random(random)).collect();
        SeveralModel::new(&objects)
    }

    fn new(model: &SeveralModel) -> Self {
        Self(array::from_fn(|index| One::new(&model.objects[index])))
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
        })
    }
}
