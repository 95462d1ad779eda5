//! Programs of a few threads on one auto event, and what they may return.
//!
//! `W s|T|s w0 r` are three threads: the first waits and then sets, the second makes a timed wait, the third sets,
//! makes a wait0 and resets. `w` is a wait, `t` a timed one, `z` one whose limit is zero, `is` asks whether the
//! event is set. `a` is a wait of a task, `b` one that is enqueued and then blocks, and `d` is polled once and then
//! dropped. The waits in capitals, which stand first, are queued before any other step.
//!
//! `l` is a wait for all of this event and one that is set, `e` a timed one, `l0` one that does not block. To the
//! program that is as a wait for this event alone, which is never called. `v` is one with an event that is never
//! set, which fails at once, and `V` one that fails at its deadline: the event is watched meanwhile, and nothing
//! else.
//!
//! [`Specification`] is the rule of which wait gets a set, without a byte and without a queue. It is strict: a set
//! coalesces with another one only while no wait that is queued lacks a set. Linearizability
//! alone would allow that for timed waits, so recorded histories cannot show it.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use super::task::Task;
use super::{Event, inspect_under_the_lock, is_valid, shared, spawn_on};
use crate::sync::Ordering;
use crate::sync::steps::begin;
use crate::sync::testing::{Arc, JoinHandle, SOON, yield_now};
use crate::{AutoResetEvent, Awaitable, EventState, Wait};

/// What runs a program: an auto event, or only its byte.
pub(super) trait Subject: Send + Sync + 'static {
    fn unset() -> Self;
    fn set(&self);
    fn reset(&self);
    fn wait(&self);
    /// A wait whose deadline may pass at any moment.
    fn wait_soon(&self) -> bool;
    fn wait_for_zero(&self) -> bool;
    fn wait0(&self) -> bool;
    fn is_set(&self) -> bool;
    fn wait_async(&self) -> Wait<'_>;
    /// How many waits are queued, and the byte at that moment.
    fn inspect(&self) -> (usize, u8);
    /// The same as one of the waits for all.
    fn wait_with(&self, other: Other) -> bool {
        unreachable!("its programs have none: {other:?}")
    }
    /// How many waits for all wait.
    fn watchers(&self) -> usize {
        0
    }
}

/// What else a wait for all waits for, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) enum Other {
    Set(Option<Duration>),
    Unset(Duration),
}

impl Subject for AutoResetEvent {
    fn unset() -> Self {
        Self::new(EventState::Unset)
    }
    fn set(&self) {
        self.set();
    }
    fn reset(&self) {
        self.reset();
    }
    fn wait(&self) {
        Awaitable::wait(self);
    }
    fn wait_soon(&self) -> bool {
        self.wait_for(SOON)
    }
    fn wait_for_zero(&self) -> bool {
        self.wait_for(Duration::ZERO)
    }
    fn wait0(&self) -> bool {
        Awaitable::wait0(self)
    }
    fn is_set(&self) -> bool {
        self.is_set()
    }
    fn wait_async(&self) -> Wait<'_> {
        self.wait_async()
    }
    fn inspect(&self) -> (usize, u8) {
        inspect_under_the_lock(self.raw())
    }
}

/// What the threads of a program have returned, the sets that were missing at the end so that all waits
/// could return, and whether the event was set at last.
type Outcome = (Vec<String>, usize, bool);

#[derive(Clone)]
pub(super) struct Program {
    text: String,
    threads: Vec<Vec<&'static str>>,
    outcomes: Arc<BTreeSet<Outcome>>,
}

impl Program {
    /// The last thread is the main thread, and not a queued wait.
    pub(super) fn new(text: &str) -> Self {
        const OPERATIONS: [&str; 22] = [
            "W", "T", "A", "B", "D", "L", "E", "V", "w", "t", "a", "b", "d", "l", "e", "v", "s",
            "z", "w0", "l0", "is", "r",
        ];
        let operation = |text: &str| -> &'static str {
            OPERATIONS.into_iter().find(|operation| *operation == text).expect("an operation")
        };
        let thread = |text: &str| text.split(' ').map(operation).collect();
        let threads: Vec<_> = text.split('|').map(thread).collect();
        let outcomes = Arc::new(Specification::new(&threads).outcomes());
        Self { text: text.to_owned(), threads, outcomes }
    }

    pub(super) fn run<S: Subject>(&self) {
        let shared = shared(S::unset());
        let finished = Arc::new(AtomicUsize::new(0));
        let spawn = |operations: &[&'static str]| {
            let (operations, finished) = (operations.to_vec(), Arc::clone(&finished));
            spawn_on(&shared, move |s| {
                let results = run_all(&s.object, &operations);
                finished.fetch_add(1, Ordering::Relaxed);
                results
            })
        };
        let is_finished = || finished.load(Ordering::Relaxed);
        let waiting = || shared.object.inspect().0 + shared.object.watchers();
        let (main, others) = self.threads.split_last().expect("a thread");
        let mut threads: Vec<Option<JoinHandle<String>>> = others.iter().map(|_| None).collect();
        let mut queued = 0;
        for (thread, operations) in threads.iter_mut().zip(others) {
            if is_queued(operations) {
                *thread = Some(spawn(operations));
                queued += 1;
            }
        }
        // In this order, or a wait that expires in between would be counted twice.
        while is_finished() + waiting() < queued {
            yield_now();
        }
        for (thread, operations) in threads.iter_mut().zip(others) {
            thread.get_or_insert_with(|| spawn(operations));
        }
        let mains = run_all(&shared.object, main);
        begin("");
        let mut results: Vec<_> = others.iter().map(|_| String::new()).collect();
        for may_block in [false, true] {
            let mut missing = 0;
            if may_block && self.outcomes.iter().any(|(_, missing, _)| *missing > 0) {
                while is_finished() < others.len() {
                    if waiting() > 0 {
                        shared.object.set();
                        missing += 1;
                    } else {
                        yield_now();
                    }
                }
            }
            for ((thread, operations), result) in threads.iter_mut().zip(others).zip(&mut results) {
                if blocks(operations) == may_block {
                    *result = thread.take().expect("each once").join().unwrap();
                }
            }
            if may_block {
                results.push(mains.clone());
                let outcome = (results.clone(), missing, shared.object.wait0());
                assert!(self.outcomes.contains(&outcome), "{}: {outcome:?}", self.text);
                assert!(!shared.object.wait0());
            }
        }
        let (queued, byte) = shared.object.inspect();
        assert!(is_valid(byte, queued), "{byte:#b}, {queued} queued");
    }
}

fn is_queued(operations: &[&str]) -> bool {
    matches!(operations[0], "W" | "T" | "A" | "B" | "D" | "L" | "E" | "V")
}

fn blocks(operations: &[&str]) -> bool {
    const BLOCKING: [&str; 8] = ["W", "w", "A", "a", "B", "b", "L", "l"];
    operations.iter().any(|operation| BLOCKING.contains(operation))
}

/// Whether setters call such a wait, so that it may lose its set to another one.
fn is_called(wait: &str) -> bool {
    matches!(wait, "W" | "w" | "T" | "t")
}

/// Returns what the operations that return something have returned.
fn run_all(event: &impl Subject, operations: &[&'static str]) -> String {
    let mut results = String::new();
    for operation in operations {
        begin(operation);
        let result = match *operation {
            "s" => {
                event.set();
                continue;
            }
            "r" => {
                event.reset();
                continue;
            }
            "w" | "W" => {
                event.wait();
                continue;
            }
            "a" | "A" => {
                Task::new(event.wait_async()).finish();
                continue;
            }
            "b" | "B" => {
                let mut wait = pin!(event.wait_async());
                wait.as_mut().enqueue();
                wait.block();
                continue;
            }
            "l" | "L" => {
                assert!(event.wait_with(Other::Set(None)));
                continue;
            }
            "v" | "V" => {
                let limit = if *operation == "v" { Duration::ZERO } else { SOON };
                assert!(!event.wait_with(Other::Unset(limit)));
                continue;
            }
            "e" | "E" => event.wait_with(Other::Set(Some(SOON))),
            "l0" => event.wait_with(Other::Set(Some(Duration::ZERO))),
            "d" | "D" => Task::new(event.wait_async()).is_ready(),
            "t" | "T" => event.wait_soon(),
            "z" => event.wait_for_zero(),
            "w0" => event.wait0(),
            _ => event.is_set(),
        };
        results.push(if result { '1' } else { '0' });
    }
    results
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Thread {
    operations: Vec<&'static str>,
    is_waiting: bool,
    /// A set was given to its wait, which is queued.
    has_set: bool,
    results: String,
}

/// A state of a program in which one operation takes effect after another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Specification {
    threads: Vec<Thread>,
    /// Since the last set was given to a queued wait, the event has been seen unset: no other wait may take it.
    is_reserved: bool,
    /// A set for any wait.
    is_set: bool,
    /// Sets at the end, each for a wait that no set was given to.
    missing: usize,
}

impl Specification {
    fn new(threads: &[Vec<&'static str>]) -> Self {
        let threads = threads.iter().map(|operations| Thread {
            operations: operations.clone(),
            is_waiting: is_queued(operations) && operations[0] != "V",
            has_set: false,
            results: String::new(),
        });
        Self { threads: threads.collect(), is_reserved: false, is_set: false, missing: 0 }
    }

    fn outcomes(self) -> BTreeSet<Outcome> {
        let (mut seen, mut outcomes) = (BTreeSet::from([self.clone()]), BTreeSet::new());
        let mut states = vec![self];
        while let Some(state) = states.pop() {
            if state.threads.iter().all(|thread| thread.operations.is_empty()) {
                let results = state.threads.iter().map(|thread| thread.results.clone());
                outcomes.insert((results.collect(), state.missing, state.is_set));
            }
            states.extend(state.next().into_iter().filter(|next| seen.insert(next.clone())));
        }
        outcomes
    }

    fn next(&self) -> Vec<Self> {
        let mut next = Vec::new();
        let (main, others) = self.threads.split_last().expect("a thread");
        let may_be_stuck = main.operations.is_empty()
            && others
                .iter()
                .all(|thread| thread.operations.is_empty() || blocks(&thread.operations));
        if may_be_stuck && self.lacking().next().is_some() {
            let mut state = self.clone();
            state.missing += 1;
            next.extend(state.set());
        }
        for (number, thread) in self.threads.iter().enumerate() {
            let end = |change: &dyn Fn(&mut Self) -> Option<bool>| {
                let mut state = self.clone();
                let result = change(&mut state);
                let thread = &mut state.threads[number];
                thread.is_waiting = false;
                thread.has_set = false;
                thread.operations.remove(0);
                thread.results.extend(result.map(|result| if result { '1' } else { '0' }));
                state
            };
            let Some(operation) = thread.operations.first() else { continue };
            let is_timed = matches!(*operation, "t" | "T" | "e" | "E");
            let may_fail = is_timed || matches!(*operation, "d" | "D");
            let success = may_fail.then_some(true);
            match *operation {
                "d" | "D" if thread.is_waiting => {
                    let dropped = end(&|_| Some(false));
                    // The operation is over. A set that it was given is made by its thread now.
                    if thread.has_set {
                        next.extend(dropped.set());
                    } else {
                        next.push(dropped);
                    }
                }
                _ if thread.is_waiting => {
                    if thread.has_set {
                        next.push(end(&|_| success));
                    } else if is_timed {
                        next.extend(self.barge().map(|barged| {
                            end(&|state| {
                                *state = barged.clone();
                                success
                            })
                        }));
                        next.push(end(&|state| {
                            state.observe();
                            Some(false)
                        }));
                    }
                }
                "s" => next.extend(self.set().into_iter().map(|set| {
                    end(&|state| {
                        *state = set.clone();
                        None
                    })
                })),
                "r" => next.push(end(&|state| {
                    state.is_set = false;
                    state.observe();
                    None
                })),
                "is" => next.push(end(&|state| {
                    state.observe();
                    Some(state.is_set)
                })),
                "v" | "V" => next.push(end(&|_| None)),
                "z" | "w0" | "l0" => next.push(end(&|state| {
                    state.observe();
                    Some(core::mem::take(&mut state.is_set))
                })),
                _ if self.is_set => next.push(end(&|state| {
                    state.is_set = false;
                    success
                })),
                _ if self.barge().next().is_some() => next.extend(self.barge().map(|barged| {
                    end(&|state| {
                        *state = barged.clone();
                        success
                    })
                })),
                _ => {
                    let mut state = self.clone();
                    state.threads[number].is_waiting = true;
                    next.push(state);
                }
            }
        }
        next
    }

    /// The queued waits to which no set was given.
    fn lacking(&self) -> impl Iterator<Item = usize> {
        let lacks = |number: &usize| {
            let thread = &self.threads[*number];
            thread.is_waiting && !thread.has_set
        };
        (0..self.threads.len()).filter(lacks)
    }

    fn set(&self) -> Vec<Self> {
        let mut state = self.clone();
        state.observe();
        let give = |number: usize| {
            let mut state = state.clone();
            state.threads[number].has_set = true;
            state
        };
        let mut next: Vec<_> = self.lacking().map(give).collect();
        if next.is_empty() {
            state.is_set = true;
            next.push(state);
        }
        next
    }

    fn observe(&mut self) {
        self.is_reserved = self.threads.iter().any(|thread| thread.has_set);
    }

    /// Another wait takes a set that was given.
    fn barge(&self) -> impl Iterator<Item = Self> {
        let may_lose = |number: &usize| {
            let thread = &self.threads[*number];
            let is_called = thread.operations.first().is_some_and(|wait| is_called(wait));
            thread.has_set && is_called && !self.is_reserved
        };
        (0..self.threads.len()).filter(may_lose).map(|number| {
            let mut state = self.clone();
            state.threads[number].has_set = false;
            state
        })
    }
}
