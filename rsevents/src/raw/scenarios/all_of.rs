//! Races on a wait for all of two events, of which the first is an auto-reset event.

use core::mem;
use std::sync::atomic::AtomicPtr;

use super::several::{Pair, Shared, models, run};
use super::task::Task;
use super::{Event, join_all, shared, spawn_on, wait_until_queued, watchers};
use crate::sync::Ordering;
use crate::sync::testing::{Arc, JoinHandle, SOON, explore_all, explore_up_to, spawn, yield_now};
use crate::{
    AutoResetEvent, Awaitable, EventState, ManualResetEvent, Signal, wait_all, wait_all_async,
    wait_all_for, wait_all0, wait_any, wait_any_async,
};

models! { of_autos = crate::AutoResetEvent:
    two_setters_and_a_thread: explore_up_to(3, 490);
    two_setters_and_a_task: explore_up_to(3, 940);
    two_setters_and_a_parked_thread: explore_up_to(3, 150);
    two_setters_and_a_parked_task: explore_up_to(3, 11);
    two_setters_against_a_check: explore_up_to(3, 260);
    last_set_and_reset: explore_up_to(3, 84);
    last_set_and_reset_against_checks: explore_up_to(3, 3_100);
    set_of_the_first_against_timeout: explore_all(1_100);
    set_of_the_second_against_timeout: explore_all(1_100);
    two_setters_against_timeout: explore_up_to(3, 2_100);
    two_setters_against_drop: explore_up_to(3, 290);
    set_against_drop_before_a_task: explore_all(840);
    set_against_drop_before_a_thread: explore_up_to(3, 490);
    set_against_another_waker: explore_all(8);
    polls_by_two_threads: explore_up_to(3, 300);
    freed_by_the_thread: explore_up_to(3, 490);
    freed_by_the_task: explore_up_to(3, 940);
    set_of_a_watched_event_publishes: explore_up_to(3, 660);
    set_before_it_is_watched_publishes: explore_up_to(3, 2_200);
    coalesced_sets_publish_for_both: explore_up_to(3, 4_300);
    opposite_orders: explore_up_to(3, 1_000);
    opposite_orders_beside_any: explore_up_to(2, 500);
    first_of_two_leaves: explore_up_to(3, 1_200);
    second_of_two_leaves: explore_up_to(3, 780);
    first_of_two_is_released: explore_up_to(3, 36);
    beside_a_thread: explore_up_to(3, 1_400);
    beside_a_thread_that_came_first: explore_up_to(3, 960);
    beside_a_task: explore_up_to(3, 340);
    before_a_task: explore_up_to(3, 53);
    offered_set_is_taken: explore_up_to(3, 1_000);
    called_thread_of_a_watched_event: explore_up_to(3, 760);
    beside_any: explore_up_to(2, 2_000);
    beside_held_member: explore_up_to(3, 7_200);
    taken_by_others_meanwhile: explore_up_to(3, 670);
    three_events: explore_up_to(3, 220);
    behind_one_that_cannot_pass: explore_up_to(3, 2);
    answers_while_it_becomes_watched: explore_up_to(3, 220);
    rules_hold_at_any_moment: explore_up_to(3, 2_600);
}

models! { of_auto_and_manual = crate::ManualResetEvent:
    two_setters_and_a_thread: explore_up_to(3, 750);
    two_setters_and_a_parked_thread: explore_up_to(3, 220);
    two_setters_and_a_parked_task: explore_up_to(3, 15);
    two_setters_against_a_check: explore_up_to(3, 240);
    last_set_and_reset: explore_up_to(3, 98);
    last_set_and_reset_against_checks: explore_up_to(3, 3_500);
    set_of_the_second_against_timeout: explore_all(6_700);
    two_setters_against_timeout: explore_up_to(3, 5_000);
    two_setters_against_drop: explore_up_to(3, 260);
    set_against_another_waker: explore_all(12);
    freed_by_the_thread: explore_up_to(3, 750);
    freed_by_the_task: explore_up_to(3, 1_600);
    first_of_two_is_released: explore_up_to(3, 42);
    broadcast_to_a_thread: explore_up_to(3, 1_000);
    broadcast_to_tasks: explore_up_to(3, 6_000);
    broadcast_to_two_waits_for_all: explore_up_to(3, 16);
    two_broadcasts: explore_up_to(3, 36);
    broadcast_to_two_threads: explore_up_to(3, 8_300);
    broadcast_against_drop_of_the_first: explore_up_to(3, 29);
    broadcast_against_drop_of_the_second: explore_up_to(3, 22);
    broadcast_against_timeout: explore_up_to(3, 15_000);
    answers_while_it_becomes_watched: explore_up_to(3, 200);
    set_of_a_watched_event_publishes: explore_up_to(3, 560);
    rules_hold_at_any_moment: explore_up_to(3, 2_700);
}

impl<E: Event + Signal> Pair<E> {
    fn wait_for_both(&self) {
        wait_all(&self.signals());
        self.assert_both_seen();
    }

    fn assert_both_seen(&self) {
        self.assert_seen(0);
        self.assert_seen(1);
    }

    /// A task that waits for both.
    fn both(&self) -> Task<impl Future<Output = ()>> {
        Task::new(async {
            all_of(&self.signals()).await;
            self.assert_both_seen();
        })
    }

    fn both_queued(&self) -> Task<impl Future<Output = ()>> {
        let mut task = self.both();
        assert!(!task.is_ready());
        task
    }

    fn wait_until_watched(&self, waits: usize) {
        while watchers(&self.object.0) != waits || watchers(&self.object.1) != waits {
            yield_now();
        }
    }

    /// Sets the second event, and resets it at once.
    fn pulse(&self) {
        self.set(1);
        self.object.1.reset();
    }

    fn setters(self: &Arc<Self>) -> [JoinHandle<()>; 2] {
        [0, 1].map(|place| spawn_on(self, move |s| s.set(place)))
    }

    /// Both events were set once, and have let a wait for both pass or not.
    fn assert_both_taken(&self, passed: bool) {
        assert_eq!(self.wait0(0), !passed);
        assert_eq!(self.wait0(1), !passed || !E::CONSUMES);
        self.assert_none_left();
    }
}

/// A future over objects that are borrowed. It must not be leaked.
pub(crate) fn all_of<'a>(signals: &[&'a dyn Signal]) -> impl Future<Output = ()> + use<'a> {
    // SAFETY: what this returns is borrowed as long as they are, and no scenario leaks it.
    let signals =
        signals.iter().map(|&signal| unsafe { mem::transmute::<&'a _, &'static _>(signal) });
    wait_all_async(&signals.collect::<Vec<_>>())
}

/// Contract 113, 204: also while the wait joins the queues.
fn two_setters_and_a_thread<E: Event + Signal>(s: &Shared<E>) {
    let setters = s.setters();
    s.wait_for_both();
    join_all(setters);
    s.assert_both_taken(true);
}

fn two_setters_and_a_task<E: Event + Signal>(s: &Shared<E>) {
    let setters = s.setters();
    s.both().finish();
    join_all(setters);
    s.assert_both_taken(true);
}

fn two_setters_and_a_parked_thread<E: Event + Signal>(s: &Shared<E>) {
    let waiter = spawn_on(s, Pair::wait_for_both);
    s.wait_until_watched(1);
    let setter = spawn_on(s, |s| s.set(0));
    s.set(1);
    join_all([waiter, setter]);
    s.assert_both_taken(true);
}

/// Contract 204: as soon as both sets were made, the wait is released.
fn two_setters_and_a_parked_task<E: Event + Signal>(s: &Shared<E>) {
    let task = s.both_queued();
    join_all(s.setters());
    task.assert_woken();
    s.assert_both_taken(true);
}

/// Contract 113: both at one instant.
fn two_setters_against_a_check<E: Event + Signal>(s: &Shared<E>) {
    let setters = s.setters();
    let passed = wait_all0(&s.signals());
    if passed {
        s.assert_both_seen();
    }
    join_all(setters);
    s.assert_both_taken(passed);
}

/// Contract 205.
fn last_set_and_reset<E: Event + Signal>(s: &Shared<E>) {
    s.set(0);
    let waiter = spawn_on(s, Pair::wait_for_both);
    s.wait_until_watched(1);
    let setter = spawn_on(s, Pair::pulse);
    join_all([waiter, setter]);
    assert!(!s.wait0(0) && !s.wait0(1));
}

/// For other threads, too, both sets are taken when the last one is made.
fn last_set_and_reset_against_checks<E: Event + Signal>(s: &Shared<E>) {
    let task = s.both_queued();
    s.set(0);
    let setter = spawn_on(s, Pair::pulse);
    let looker = spawn_on(s, |s| (s.wait0(1), s.object.0.is_set()));
    let _ = s.object.0.is_set();
    let (second, first) = looker.join().unwrap();
    assert!(!second || !E::CONSUMES && !first, "seen set");
    setter.join().unwrap();
    task.assert_woken();
    assert!(!s.wait0(0) && !s.wait0(1));
}

/// Contract 210.
fn set_of_the_first_against_timeout<E: Event + Signal>(s: &Shared<E>) {
    set_against_timeout(s, 0);
}

fn set_of_the_second_against_timeout<E: Event + Signal>(s: &Shared<E>) {
    set_against_timeout(s, 1);
}

fn set_against_timeout<E: Event + Signal>(s: &Shared<E>, place: usize) {
    s.set(1 - place);
    let setter = spawn_on(s, move |s| s.set(place));
    let passed = wait_all_for(&s.signals(), SOON);
    if passed {
        s.assert_both_seen();
    }
    setter.join().unwrap();
    s.assert_both_taken(passed);
}

fn two_setters_against_timeout<E: Event + Signal>(s: &Shared<E>) {
    let setters = s.setters();
    let passed = wait_all_for(&s.signals(), SOON);
    if passed {
        s.assert_both_seen();
    }
    join_all(setters);
    s.assert_both_taken(passed);
}

/// Contract 210, 214: what the dropped wait was given is there again.
fn two_setters_against_drop<E: Event + Signal>(s: &Shared<E>) {
    let task = s.both_queued();
    let setters = s.setters();
    drop(task);
    join_all(setters);
    s.assert_both_taken(false);
}

fn set_against_drop_before_a_task<E: Event + Signal>(s: &Shared<E>) {
    s.set(0);
    let task = s.both_queued();
    let other = Task::queued(s.object.1.wait_async());
    let setter = spawn_on(s, |s| s.set(1));
    drop(task);
    other.finish();
    s.assert_seen(1);
    setter.join().unwrap();
    assert!(s.wait0(0));
    s.assert_none_left();
}

fn set_against_drop_before_a_thread<E: Event + Signal>(s: &Shared<E>) {
    s.set(0);
    let task = s.both_queued();
    let waiter = spawn_on(s, |s| {
        s.object.1.wait();
        s.assert_seen(1);
    });
    wait_until_queued(&s.object.1, 1);
    let setter = spawn_on(s, |s| s.set(1));
    drop(task);
    join_all([waiter, setter]);
    assert!(s.wait0(0));
    s.assert_none_left();
}

/// Contract 124.
fn set_against_another_waker<E: Event + Signal>(s: &Shared<E>) {
    s.set(0);
    let mut task = s.both_queued();
    let setter = spawn_on(s, |s| s.set(1));
    let old = task.change_waker();
    let was_ready = task.is_ready();
    setter.join().unwrap();
    if was_ready {
        assert!(old.times() + task.woken() <= 1);
    } else {
        assert_eq!(old.times(), 0, "an old waker was woken");
        task.assert_woken();
    }
    s.assert_both_taken(true);
}

/// A wait that moves: what one thread stores with its poll, the setter and the next thread see.
fn polls_by_two_threads<E: Event + Signal>(s: &Shared<E>) {
    let setter = spawn_on(s, |s| s.set(0));
    let owned = Arc::clone(s);
    let mut task = Task::new(async move {
        all_of(&owned.signals()).await;
        owned.assert_both_seen();
    });
    assert!(!task.is_ready());
    let waiter = spawn(|| {
        task.change_waker();
        task.finish();
    });
    s.set(1);
    join_all([setter, waiter]);
    s.assert_both_taken(true);
}

/// Contract 215, 227: the events, and the wait, are freed as soon as it has returned.
fn freed_by_the_thread<E: Event + Signal>(_: &Shared<E>) {
    freed_after(|pair: &(AutoResetEvent, E)| wait_all(&[&pair.0, &pair.1]));
}

fn freed_by_the_task<E: Event + Signal>(_: &Shared<E>) {
    freed_after(|pair: &(AutoResetEvent, E)| Task::new(all_of(&[&pair.0, &pair.1])).finish());
}

fn freed_after<E: Event>(wait: impl Fn(&(AutoResetEvent, E))) {
    let unset = EventState::Unset;
    let pair = Box::into_raw(Box::new((AutoResetEvent::from(unset), E::from(unset))));
    let setters = [0, 1].map(|place| {
        let pointer = AtomicPtr::new(pair);
        spawn(move || {
            // SAFETY: the pair is freed once the wait has returned, which both sets let pass. That they no longer
            // access it then is what is explored.
            let pair = unsafe { &*pointer.into_inner() };
            if place == 0 { pair.0.set() } else { pair.1.set() }
        })
    });
    // SAFETY: it is freed only below.
    wait(unsafe { &*pair });
    // SAFETY: it came from a box, and the wait for the only other accesses has returned.
    drop(unsafe { Box::from_raw(pair) });
    join_all(setters);
}

/// What was written before a set of a watched event is visible to a wait that takes it without a lock, when the
/// event is not watched any more.
fn set_of_a_watched_event_publishes<E: Event + Signal>(s: &Shared<E>) {
    let task = s.both_queued();
    set_against_moves(s, || drop(task));
}

/// The other way round, too.
fn set_before_it_is_watched_publishes<E: Event + Signal>(s: &Shared<E>) {
    set_against_moves(s, || drop(s.both_queued()));
}

fn set_against_moves<E: Event + Signal>(s: &Shared<E>, moves: impl FnOnce()) {
    let setter = spawn_on(s, |s| s.set(1));
    let waiter = spawn_on(s, |s| s.wait0(1) && s.assert_seen(1) == 1);
    moves();
    let taken = waiter.join().unwrap();
    setter.join().unwrap();
    assert_eq!(s.wait0(1), !taken || !E::CONSUMES);
}

/// Both sets are visible to the wait that takes them, whether they met the byte or the stand-in.
fn coalesced_sets_publish_for_both<E: Event + Signal>(s: &Shared<E>) {
    let task = s.both_queued();
    let setters = [1, 2].map(|place| {
        spawn_on(s, move |s| {
            s.data[place].set(7);
            s.object.1.set();
            s.note.fetch_add(1, Ordering::Relaxed);
        })
    });
    drop(task);
    while s.note.load(Ordering::Relaxed) < 2 {
        yield_now();
    }
    s.object.1.wait();
    assert_eq!([1, 2].map(|place| s.data[place].get()), [7, 7]);
    join_all(setters);
}

/// Contract 117, 207: no deadlock, and both events belong to one wait at a time.
fn opposite_orders(s: &Shared<AutoResetEvent>) {
    let waiters = philosophers(s);
    s.object.0.set();
    s.object.1.set();
    join_all(waiters);
    assert_eq!(s.data[2].get(), 2);
    assert!(s.wait0(0) && s.wait0(1));
    s.assert_none_left();
}

fn opposite_orders_beside_any(s: &Shared<AutoResetEvent>) {
    let waiters = philosophers(s);
    s.object.0.set();
    s.object.1.set();
    if wait_any(&s.signals()) == 0 {
        s.object.0.set()
    } else {
        s.object.1.set()
    }
    join_all(waiters);
    assert_eq!(s.data[2].get(), 2);
    assert!(s.wait0(0) && s.wait0(1));
    s.assert_none_left();
}

fn philosophers(s: &Shared<AutoResetEvent>) -> [JoinHandle<()>; 2] {
    [false, true].map(|is_reversed| {
        spawn_on(s, move |s| {
            let [first, second] = s.signals();
            wait_all(&if is_reversed { [second, first] } else { [first, second] });
            s.data[2].set(s.data[2].get() + 1);
            s.object.0.set();
            s.object.1.set();
        })
    })
}

/// What stands in for the events moves to the second wait.
fn first_of_two_leaves(s: &Shared<AutoResetEvent>) {
    let [first, second] = [(); 2].map(|()| s.both_queued());
    let setters = s.setters();
    drop(first);
    second.finish();
    join_all(setters);
    s.assert_both_taken(true);
}

fn second_of_two_leaves(s: &Shared<AutoResetEvent>) {
    let [first, second] = [(); 2].map(|()| s.both_queued());
    let setters = s.setters();
    drop(second);
    first.finish();
    join_all(setters);
    s.assert_both_taken(true);
}

/// The first wait leaves because it is released, while another thread checks the second event. Contract 204: in the
/// order in which they began.
fn first_of_two_is_released<E: Event + Signal>(s: &Shared<E>) {
    let first = s.both_queued();
    let second = Task::queued(all_of(&[&s.object.1, &s.object.0]));
    s.set(1);
    let setter = spawn_on(s, |s| s.set(0));
    if s.wait0(1) {
        s.object.1.set();
    }
    first.finish();
    assert_eq!(second.woken(), 0);
    s.object.1.set();
    s.object.0.set();
    second.finish();
    setter.join().unwrap();
    s.assert_none_left();
}

/// Contract 208: two sets of the first event and one of the second are for the thread and for the wait for both.
fn beside_a_thread(s: &Shared<AutoResetEvent>) {
    let task = Task::queued(all_of(&s.signals()));
    let waiter = spawn_on(s, |s| s.object.0.wait());
    wait_until_queued(&s.object.0, 1);
    beside_another(s, task, || waiter.join().unwrap());
}

/// The same where the thread was queued before the event was watched.
fn beside_a_thread_that_came_first(s: &Shared<AutoResetEvent>) {
    let waiter = spawn_on(s, |s| s.object.0.wait());
    wait_until_queued(&s.object.0, 1);
    let task = Task::queued(all_of(&s.signals()));
    beside_another(s, task, || waiter.join().unwrap());
}

fn beside_a_task(s: &Shared<AutoResetEvent>) {
    let other = Task::queued(s.object.0.wait_async());
    let task = Task::queued(all_of(&s.signals()));
    beside_another(s, task, || other.finish());
}

fn beside_another(
    s: &Shared<AutoResetEvent>,
    task: Task<impl Future<Output = ()>>,
    finish: impl FnOnce(),
) {
    let setter = spawn_on(s, |s| s.object.0.set());
    s.object.1.set();
    s.object.0.set();
    task.finish();
    finish();
    setter.join().unwrap();
    s.assert_none_left();
}

/// Contract 208: while both are set, the wait for both comes first, also if it began later.
fn before_a_task(s: &Shared<AutoResetEvent>) {
    let mut other = Task::queued(s.object.0.wait_async());
    s.set(1);
    let task = s.both_queued();
    let setter = spawn_on(s, |s| s.set(0));
    assert!(!other.is_ready());
    task.finish();
    assert!(!other.is_ready() && other.woken() == 0);
    s.object.0.set();
    other.assert_woken();
    setter.join().unwrap();
    s.assert_none_left();
}

/// What the called thread was offered, the wait for both may take. The thread gets the next one.
fn offered_set_is_taken(s: &Shared<AutoResetEvent>) {
    let waiter = spawn_on(s, |s| s.object.0.wait());
    wait_until_queued(&s.object.0, 1);
    s.set(1);
    let setter = spawn_on(s, |s| {
        s.set(0);
        s.object.0.set();
    });
    s.wait_for_both();
    join_all([waiter, setter]);
    s.assert_none_left();
}

/// The event becomes watched, or ceases to be, while a called thread is on its way.
fn called_thread_of_a_watched_event(s: &Shared<AutoResetEvent>) {
    let waiter = spawn_on(s, |s| {
        s.object.0.wait();
        s.assert_seen(0);
    });
    wait_until_queued(&s.object.0, 1);
    let setter = spawn_on(s, |s| s.set(0));
    drop(s.both_queued());
    join_all([waiter, setter]);
    s.assert_none_left();
}

/// Contract 207, 208: the first set is for the wait for any, whichever it is.
fn beside_any(s: &Shared<AutoResetEvent>) {
    let any = Task::queued(wait_any_async(&s.signals()));
    let task = s.both_queued();
    let setters = s.setters();
    let won = s.assert_seen(any.finish());
    assert_eq!(task.woken(), 0);
    if won == 0 {
        s.object.0.set()
    } else {
        s.object.1.set()
    }
    task.finish();
    join_all(setters);
    s.assert_none_left();
}

/// A setter that has both locks meets a member whose group is held under another lock.
fn beside_held_member(_: &Shared<AutoResetEvent>) {
    let s = shared([(); 3].map(|()| AutoResetEvent::new(EventState::Unset)));
    let [a, b, c] = &s.object;
    let any = Task::queued(wait_any_async(&[a, b]));
    let mut task = Task::queued(all_of(&[a, c]));
    let setters = [0, 1].map(|place| spawn_on(&s, move |s| s.object[place].set()));
    c.set();
    let won = any.finish();
    join_all(setters);
    if won == 0 {
        assert!(!task.is_ready() && b.wait0());
        a.set();
    }
    task.assert_woken();
    assert!([a, b, c].iter().all(|event| !event.wait0()));
}

/// Contract 114.
fn taken_by_others_meanwhile(s: &Shared<AutoResetEvent>) {
    let task = s.both_queued();
    let setter = spawn_on(s, |s| s.set(0));
    let waiter = spawn_on(s, |s| s.wait0(0) && s.assert_seen(0) == 0);
    s.set(1);
    let taken = waiter.join().unwrap();
    setter.join().unwrap();
    if taken {
        assert_eq!(task.woken(), 0);
        s.object.0.set();
    }
    task.assert_woken();
    s.assert_none_left();
}

/// Contract 216: two of them are in one shard. Two waits have one event in common, which only one of them takes.
fn three_events(_: &Shared<AutoResetEvent>) {
    let s = shared([(); 3].map(|()| AutoResetEvent::new(EventState::Unset)));
    let [a, b, c] = &s.object;
    let mut waits = [[a, b], [c, b]].map(|[first, second]| Task::queued(all_of(&[first, second])));
    let setters = [0, 1].map(|place| spawn_on(&s, move |s| s.object[place].set()));
    c.set();
    join_all(setters);
    let passed = [0, 1].map(|place| waits[place].woken() == 1);
    assert_eq!([0, 1].map(|place| waits[place].is_ready()), passed);
    let left = match passed {
        [true, false] => c,
        [false, true] => a,
        _ => panic!("both have passed, or none"),
    };
    assert!(left.wait0());
    left.set();
    b.set();
    let [first, second] = waits;
    if passed[0] {
        second.assert_woken()
    } else {
        first.assert_woken()
    }
    assert!([a, b, c].iter().all(|event| !event.wait0()));
}

/// The first wait for the event lacks another one. The second one passes.
fn behind_one_that_cannot_pass(_: &Shared<AutoResetEvent>) {
    let s = shared([(); 3].map(|()| AutoResetEvent::new(EventState::Unset)));
    let [a, b, c] = &s.object;
    let [first, second] = [[a, b], [c, b]].map(|[one, two]| Task::queued(all_of(&[one, two])));
    let setter = spawn_on(&s, |s| s.object[1].set());
    c.set();
    setter.join().unwrap();
    second.assert_woken();
    assert_eq!(first.woken(), 0);
    b.set();
    a.set();
    first.assert_woken();
    assert!([a, b, c].iter().all(|event| !event.wait0()));
}

/// What is true of the event does not change when it becomes watched, or ceases to be.
fn answers_while_it_becomes_watched<E: Event + Signal>(s: &Shared<E>) {
    let waiter = spawn_on(s, |s| wait_all_for(&s.signals(), SOON));
    s.object.1.set();
    assert!(s.wait0(1));
    s.object.1.set();
    s.object.1.reset();
    assert!(!s.wait0(1));
    assert!(!waiter.join().unwrap());
}

/// The truth table, checked during two sets and a wait that may be given up.
fn rules_hold_at_any_moment<E: Event + Signal>(s: &Shared<E>) {
    let waiter = spawn_on(s, |s| wait_all_for(&s.signals(), SOON));
    let setter = spawn_on(s, |s| s.set(1));
    s.set(0);
    s.assert_rules();
    let passed = waiter.join().unwrap();
    setter.join().unwrap();
    s.assert_both_taken(passed);
}

/// Contract 205: all are released although the event is reset.
fn broadcast_to_a_thread(s: &Shared<ManualResetEvent>) {
    s.set(0);
    let waiter = spawn_on(s, |s| {
        s.object.1.wait();
        s.assert_seen(1);
    });
    wait_until_queued(&s.object.1, 1);
    let task = s.both_queued();
    let setter = spawn_on(s, Pair::pulse);
    task.finish();
    join_all([waiter, setter]);
    assert!(!s.wait0(0) && !s.wait0(1));
}

fn broadcast_to_tasks(s: &Shared<ManualResetEvent>) {
    let first = Task::queued(s.object.1.wait_async());
    let mut task = s.both_queued();
    let third = Task::queued(s.object.1.wait_async());
    let setters = [spawn_on(s, |s| s.set(0)), spawn_on(s, Pair::pulse)];
    first.finish();
    join_all(setters);
    third.assert_woken();
    let passed = task.woken() > 0;
    assert_eq!(task.is_ready(), passed);
    assert_eq!(s.wait0(0), !passed);
    assert!(!s.wait0(0) && !s.wait0(1));
}

fn broadcast_to_two_waits_for_all(s: &Shared<ManualResetEvent>) {
    s.set(0);
    let first = s.both_queued();
    let second = Task::queued(all_of(&[&s.object.1]));
    let setter = spawn_on(s, Pair::pulse);
    second.finish();
    setter.join().unwrap();
    first.assert_woken();
    assert!(!s.wait0(0) && !s.wait0(1));
}

/// Contract 204: the wait that a set has let pass is released when that set returns, whatever other setters do.
fn two_broadcasts(_: &Shared<ManualResetEvent>) {
    let s = shared([(); 2].map(|()| ManualResetEvent::new(EventState::Unset)));
    let [first, second] = &s.object;
    let tasks = [first, second].map(|event| Task::queued(all_of(&[event])));
    let setter = spawn_on(&s, |s| s.object[1].set());
    first.set();
    let [task, other] = tasks;
    task.assert_woken();
    setter.join().unwrap();
    other.assert_woken();
}

fn broadcast_to_two_threads(s: &Shared<ManualResetEvent>) {
    s.set(0);
    let waiters = [
        spawn_on(s, Pair::wait_for_both),
        spawn_on(s, |s| {
            wait_all(&[&s.object.1]);
            s.assert_seen(1);
        }),
    ];
    while watchers(&s.object.1) != 2 {
        yield_now();
    }
    s.pulse();
    join_all(waiters);
    assert!(!s.wait0(0) && !s.wait0(1));
}

/// The one that is dropped has passed, or not.
fn broadcast_against_drop_of_the_first(s: &Shared<ManualResetEvent>) {
    s.set(0);
    let first = s.both_queued();
    let second = Task::queued(all_of(&[&s.object.1]));
    let setter = spawn_on(s, Pair::pulse);
    drop(first);
    second.finish();
    setter.join().unwrap();
    assert!(s.wait0(0) && !s.wait0(1));
}

fn broadcast_against_drop_of_the_second(s: &Shared<ManualResetEvent>) {
    s.set(0);
    let first = s.both_queued();
    let second = Task::queued(all_of(&[&s.object.1]));
    let setter = spawn_on(s, Pair::pulse);
    drop(second);
    first.finish();
    setter.join().unwrap();
    assert!(!s.wait0(0) && !s.wait0(1));
}

fn broadcast_against_timeout(s: &Shared<ManualResetEvent>) {
    s.set(0);
    let waiter = spawn_on(s, |s| wait_all_for(&[&s.object.1], SOON));
    let task = s.both_queued();
    let setter = spawn_on(s, Pair::pulse);
    task.finish();
    waiter.join().unwrap();
    setter.join().unwrap();
    assert!(!s.wait0(0) && !s.wait0(1));
}
