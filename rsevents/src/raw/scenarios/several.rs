//! Races on a wait for one of two events, of which the first is an auto-reset event.

use std::pin::pin;
use std::sync::atomic::AtomicPtr;

use super::task::Task;
use super::{Event, assert_rules, join_all, shared, spawn_on, wait_until_queued};
use crate::queue::broadcast::stuck::{self, stuck_broadcast};
use crate::sync::testing::{Arc, SOON, explore_all, explore_up_to, spawn};
use crate::{
    AutoResetEvent, Awaitable, EventState, ManualResetEvent, Signal, Wait, WaitAny, wait_any,
    wait_any_async, wait_any_for,
};

pub(super) type Pair<E> = super::Shared<(AutoResetEvent, E)>;
pub(super) type Shared<E> = Arc<Pair<E>>;

/// As the macro of single events, for the pairs of this type.
macro_rules! models {
    ($module:ident = $event:ty: $($race:ident: $explore:ident($($number:literal),+);)+) => {
        mod $module {
            $(#[test]
            fn $race() {
                super::$explore($($number,)+ || super::run::<$event>(super::$race));
            })+
        }
    };
}
pub(super) use models;

models! { of_autos = crate::AutoResetEvent:
    two_setters_and_a_thread: explore_up_to(3, 5_600);
    two_setters_and_a_task: explore_up_to(3, 9_400);
    two_setters_and_a_parked_thread: explore_up_to(3, 3_300);
    two_setters_and_a_parked_task: explore_up_to(3, 20_000);
    set_of_the_first_against_timeout: explore_all(14_000);
    set_of_the_second_against_timeout: explore_all(3_100);
    two_setters_against_timeout: explore_up_to(2, 540);
    two_setters_against_drop: explore_up_to(3, 940);
    set_against_drop_before_a_task: explore_all(1_100);
    set_against_drop_before_a_thread: explore_up_to(3, 380);
    set_of_the_first_against_the_loser: explore_all(920);
    set_of_the_second_against_the_loser: explore_all(960);
    set_of_the_first_against_another_waker: explore_all(1_500);
    set_of_the_second_against_another_waker: explore_all(5_600);
    polls_by_two_threads: explore_up_to(2, 1_600);
    freed_by_the_thread: explore_up_to(3, 370);
    freed_by_the_task: explore_up_to(3, 610);
    opposite_orders: explore_up_to(2, 520);
    two_waits_against_two_sets: explore_up_to(2, 2_000);
    two_tasks_against_two_sets: explore_up_to(2, 1_300);
    two_tasks_against_two_setters: explore_up_to(3, 3_600);
    ended_member_before_a_task: explore_up_to(3, 20_000);
    ended_member_before_a_thread: explore_up_to(3, 770);
    member_behind_a_called_thread: explore_up_to(2, 190);
    member_behind_a_task: explore_up_to(3, 2_800);
    the_same_twice: explore_up_to(2, 1_100);
    rules_hold_at_any_moment: explore_up_to(2, 66);
}

models! { of_auto_and_manual = crate::ManualResetEvent:
    two_setters_and_a_thread: explore_up_to(3, 5_900);
    two_setters_and_a_parked_thread: explore_up_to(3, 3_600);
    two_setters_and_a_parked_task: explore_up_to(2, 990);
    set_of_the_second_against_timeout: explore_all(3_700);
    two_setters_against_timeout: explore_up_to(2, 570);
    two_setters_against_drop: explore_up_to(3, 810);
    set_against_drop_before_a_task: explore_all(150);
    set_against_drop_before_a_thread: explore_up_to(3, 390);
    set_of_the_first_against_the_loser: explore_all(930);
    set_of_the_second_against_the_loser: explore_all(580);
    set_of_the_second_against_another_waker: explore_all(470);
    freed_by_the_thread: explore_up_to(3, 500);
    freed_by_the_task: explore_up_to(3, 710);
    broadcast_to_a_member_between_tasks: explore_up_to(3, 15_000);
    broadcast_to_a_member_between_threads: explore_up_to(2, 950);
    broadcast_to_two_groups: explore_up_to(2, 1_600);
    half_a_broadcast: explore_all(26);
    half_a_broadcast_from_behind: explore_all(340);
    woken_thread_wakes_others: explore_all(140);
    expired_thread_wakes_others: explore_up_to(3, 55);
    expired_thread_against_its_release: explore_up_to(3, 230);
    woken_task_wakes_others: explore_all(4);
    rules_hold_at_any_moment: explore_up_to(2, 76);
}

/// Runs a race on new events that are unset. The rules hold at its end.
pub(super) fn run<E: Event>(race: fn(&Shared<E>)) {
    let unset = EventState::Unset;
    let shared = shared((AutoResetEvent::from(unset), E::from(unset)));
    race(&shared);
    shared.assert_rules();
}

impl<E: Event> Pair<E> {
    /// Writes, then sets the event at this place.
    pub(super) fn set(&self, place: usize) {
        self.data[place].set(7);
        if place == 0 { self.object.0.set() } else { self.object.1.set() }
    }

    pub(super) fn wait0(&self, place: usize) -> bool {
        if place == 0 { self.object.0.wait0() } else { self.object.1.wait0() }
    }

    /// The wait has passed by the event at this place.
    pub(super) fn assert_seen(&self, won: usize) -> usize {
        assert_eq!(self.data[won].get(), 7);
        won
    }

    /// Both events were set, and one wait has passed, if any.
    fn assert_left(&self, won: Option<usize>) {
        assert_eq!(self.wait0(0), won != Some(0), "{won:?}");
        assert_eq!(self.wait0(1), won != Some(1) || !E::CONSUMES, "{won:?}");
        self.assert_none_left();
    }

    pub(super) fn assert_none_left(&self) {
        assert!(!self.wait0(0), "a set too many");
        assert!(!self.wait0(1) || !E::CONSUMES, "a set too many");
    }

    pub(super) fn assert_rules(&self) {
        assert_rules(&self.object.0);
        assert_rules(&self.object.1);
    }
}

impl<E: Event + Signal> Pair<E> {
    pub(super) fn signals(&self) -> [&dyn Signal; 2] {
        [&self.object.0, &self.object.1]
    }

    fn wait(&self) -> usize {
        self.assert_seen(wait_any(&self.signals()))
    }

    fn wait_async(&self) -> WaitAny<'_> {
        wait_any_async(&self.signals())
    }

    fn queued(&self) -> Task<WaitAny<'_>> {
        Task::queued(self.wait_async())
    }

    fn wait_until_queued(&self, waits: [usize; 2]) {
        wait_until_queued(&self.object.0, waits[0]);
        wait_until_queued(&self.object.1, waits[1]);
    }
}

/// Contract 109, 186: also between the checks of the two, and while the wait is queued at one of them.
fn two_setters_and_a_thread<E: Event + Signal>(s: &Shared<E>) {
    let setters = [0, 1].map(|place| spawn_on(s, move |s| s.set(place)));
    let won = s.wait();
    join_all(setters);
    s.assert_left(Some(won));
}

fn two_setters_and_a_task<E: Event + Signal>(s: &Shared<E>) {
    let setters = [0, 1].map(|place| spawn_on(s, move |s| s.set(place)));
    let won = s.assert_seen(Task::new(s.wait_async()).finish());
    join_all(setters);
    s.assert_left(Some(won));
}

/// Contract 112, 185: the set that has not released the wait is there as soon as it was made.
fn two_setters_and_a_parked_thread<E: Event + Signal>(s: &Shared<E>) {
    let waiter = spawn_on(s, Pair::wait);
    s.wait_until_queued([1, 1]);
    let setter = spawn_on(s, |s| {
        s.set(0);
        s.wait0(0)
    });
    s.set(1);
    let second = s.wait0(1);
    let (won, first) = (waiter.join().unwrap(), setter.join().unwrap());
    assert_eq!(first, won != 0);
    assert_eq!(second, won != 1 || !E::CONSUMES);
    s.assert_none_left();
}

fn two_setters_and_a_parked_task<E: Event + Signal>(s: &Shared<E>) {
    let task = s.queued();
    let setters = [0, 1].map(|place| {
        spawn_on(s, move |s| {
            s.set(place);
            s.wait0(place)
        })
    });
    let won = s.assert_seen(task.finish());
    let [first, second] = join_all(setters);
    assert_eq!(first, won != 0);
    assert_eq!(second, won != 1 || !E::CONSUMES);
    s.assert_none_left();
}

/// Contract 188, 203.
fn set_of_the_first_against_timeout<E: Event + Signal>(s: &Shared<E>) {
    set_against_timeout(s, 0);
}

fn set_of_the_second_against_timeout<E: Event + Signal>(s: &Shared<E>) {
    set_against_timeout(s, 1);
}

fn set_against_timeout<E: Event + Signal>(s: &Shared<E>, place: usize) {
    let setter = spawn_on(s, move |s| s.set(place));
    let won = wait_any_for(&s.signals(), SOON).map(|won| s.assert_seen(won));
    setter.join().unwrap();
    assert!(won.is_none_or(|won| won == place));
    assert_eq!(s.wait0(place), won.is_none() || (place == 1 && !E::CONSUMES));
    s.assert_none_left();
}

fn two_setters_against_timeout<E: Event + Signal>(s: &Shared<E>) {
    let setters = [0, 1].map(|place| spawn_on(s, move |s| s.set(place)));
    let won = wait_any_for(&s.signals(), SOON).map(|won| s.assert_seen(won));
    join_all(setters);
    s.assert_left(won);
}

/// Contract 188: what the dropped wait was given is there again.
fn two_setters_against_drop<E: Event + Signal>(s: &Shared<E>) {
    let task = s.queued();
    let setters = [0, 1].map(|place| spawn_on(s, move |s| s.set(place)));
    drop(task);
    join_all(setters);
    s.assert_left(None);
}

fn set_against_drop_before_a_task<E: Event + Signal>(s: &Shared<E>) {
    let task = s.queued();
    let other = Task::queued(s.object.1.wait_async());
    let setter = spawn_on(s, |s| s.set(1));
    drop(task);
    other.finish();
    s.assert_seen(1);
    setter.join().unwrap();
    s.assert_none_left();
}

fn set_against_drop_before_a_thread<E: Event + Signal>(s: &Shared<E>) {
    let task = s.queued();
    let waiter = spawn_on(s, |s| {
        s.object.1.wait();
        s.assert_seen(1);
    });
    wait_until_queued(&s.object.1, 2);
    let setter = spawn_on(s, |s| s.set(1));
    drop(task);
    join_all([waiter, setter]);
    s.assert_none_left();
}

/// Contract 190: the wait has passed by the other event, and is gone as soon as it has returned.
fn set_of_the_first_against_the_loser<E: Event + Signal>(s: &Shared<E>) {
    set_against_the_loser(s, 0);
}

fn set_of_the_second_against_the_loser<E: Event + Signal>(s: &Shared<E>) {
    set_against_the_loser(s, 1);
}

fn set_against_the_loser<E: Event + Signal>(s: &Shared<E>, place: usize) {
    let task = s.queued();
    let setter = spawn_on(s, move |s| s.set(place));
    s.set(1 - place);
    let won = s.assert_seen(task.finish());
    setter.join().unwrap();
    s.assert_left(Some(won));
}

/// Contract 124.
fn set_of_the_first_against_another_waker<E: Event + Signal>(s: &Shared<E>) {
    set_against_another_waker(s, 0);
}

fn set_of_the_second_against_another_waker<E: Event + Signal>(s: &Shared<E>) {
    set_against_another_waker(s, 1);
}

fn set_against_another_waker<E: Event + Signal>(s: &Shared<E>, place: usize) {
    let mut task = s.queued();
    let setter = spawn_on(s, move |s| s.set(place));
    let old = task.change_waker();
    if let Some(won) = task.poll() {
        assert_eq!(s.assert_seen(won), place);
        setter.join().unwrap();
        assert!(old.times() + task.woken() <= 1);
    } else {
        setter.join().unwrap();
        assert_eq!(old.times(), 0, "an old waker was woken");
        task.assert_woken();
        s.assert_seen(place);
    }
    s.assert_none_left();
}

/// A wait that moves: what one thread stores with its poll, the setter and the next thread see.
fn polls_by_two_threads<E: Event + Signal>(s: &Shared<E>) {
    let setter = spawn_on(s, |s| s.set(1));
    let other = spawn_on(s, |s| s.set(0));
    let mut task = Task::new(s.wait_async());
    let won = task.poll().unwrap_or_else(|| {
        task.change_waker();
        task.finish()
    });
    s.assert_seen(won);
    join_all([setter, other]);
    s.assert_left(Some(won));
}

/// Contract 227: the events, and the wait, are freed as soon as it has returned.
fn freed_by_the_thread<E: Event + Signal>(_: &Shared<E>) {
    freed_after(|pair: &(AutoResetEvent, E)| wait_any(&[&pair.0, &pair.1]));
}

fn freed_by_the_task<E: Event + Signal>(_: &Shared<E>) {
    freed_after(|pair: &(AutoResetEvent, E)| {
        Task::new(wait_any_async(&[&pair.0, &pair.1])).finish()
    });
}

fn freed_after<E: Event>(wait: impl Fn(&(AutoResetEvent, E)) -> usize) {
    for place in [0, 1] {
        let unset = EventState::Unset;
        let pair = Box::into_raw(Box::new((AutoResetEvent::from(unset), E::from(unset))));
        let pointer = AtomicPtr::new(pair);
        let setter = spawn(move || {
            // SAFETY: the pair is freed once the wait has returned, which this set lets pass. That the set no longer
            // accesses it then is what is explored.
            let pair = unsafe { &*pointer.into_inner() };
            if place == 0 { pair.0.set() } else { pair.1.set() }
        });
        // SAFETY: it is freed only below.
        assert_eq!(wait(unsafe { &*pair }), place);
        // SAFETY: it came from a box, and the wait for the only other access has returned.
        drop(unsafe { Box::from_raw(pair) });
        setter.join().unwrap();
    }
}

/// Contract 193: each wait gets one of the sets.
fn opposite_orders(s: &Shared<AutoResetEvent>) {
    let waiters = [
        spawn_on(s, Pair::wait),
        spawn_on(s, |s| s.assert_seen(1 - wait_any(&[&s.object.1, &s.object.0]))),
    ];
    let setter = spawn_on(s, |s| s.set(0));
    s.set(1);
    let [first, second] = join_all(waiters);
    assert_ne!(first, second);
    setter.join().unwrap();
    s.assert_none_left();
}

/// Contract 194: two sets of one event release two waits, whichever members these have elsewhere.
fn two_waits_against_two_sets(s: &Shared<AutoResetEvent>) {
    let waiters = [(); 2].map(|()| spawn_on(s, Pair::wait));
    s.wait_until_queued([2, 2]);
    s.set(1);
    s.object.1.set();
    assert_eq!(join_all(waiters), [1, 1]);
    s.assert_none_left();
}

fn two_tasks_against_two_sets(s: &Shared<AutoResetEvent>) {
    let tasks = [(); 2].map(|()| s.queued());
    let setters = [(); 2].map(|()| spawn_on(s, |s| s.object.1.set()));
    assert_eq!(tasks.map(Task::finish), [1, 1]);
    join_all(setters);
    s.assert_none_left();
}

/// A setter of each: both fronts are members of the same group.
fn two_tasks_against_two_setters(s: &Shared<AutoResetEvent>) {
    let [first, second] = [(); 2].map(|()| s.queued());
    let setters = [0, 1].map(|place| spawn_on(s, move |s| s.set(place)));
    let won = [second, first].map(|task| s.assert_seen(task.finish()));
    assert_ne!(won[0], won[1]);
    join_all(setters);
    s.assert_none_left();
}

/// A set that meets a member whose wait has passed, or is about to, goes to the one behind it.
fn ended_member_before_a_task(s: &Shared<AutoResetEvent>) {
    let task = s.queued();
    let mut other = Task::queued(s.object.0.wait_async());
    let setters = [0, 1].map(|place| spawn_on(s, move |s| s.set(place)));
    let won = s.assert_seen(task.finish());
    join_all(setters);
    if won == 0 {
        assert!(!other.is_ready() && other.woken() == 0);
        assert!(s.wait0(1));
    } else {
        other.assert_woken();
        s.assert_seen(0);
    }
    s.assert_none_left();
}

fn ended_member_before_a_thread(s: &Shared<AutoResetEvent>) {
    let task = s.queued();
    let waiter = spawn_on(s, |s| s.object.0.wait());
    wait_until_queued(&s.object.0, 2);
    let setter = spawn_on(s, |s| s.set(0));
    s.set(1);
    if s.assert_seen(task.finish()) == 0 {
        assert!(s.wait0(1));
        s.object.0.set();
    }
    join_all([waiter, setter]);
    s.assert_none_left();
}

/// The thread is called for the first set. The second one is for the group, or stays.
fn member_behind_a_called_thread(s: &Shared<AutoResetEvent>) {
    let waiter = spawn_on(s, |s| s.object.0.wait());
    wait_until_queued(&s.object.0, 1);
    let task = s.queued();
    let setter = spawn_on(s, |s| {
        s.set(0);
        s.object.0.set();
    });
    s.set(1);
    let won = s.assert_seen(task.finish());
    join_all([waiter, setter]);
    s.assert_left(Some(won));
}

/// Contract 195: in the order of arrival.
fn member_behind_a_task(s: &Shared<AutoResetEvent>) {
    let other = Task::queued(s.object.0.wait_async());
    let task = s.queued();
    let setters = [0, 1].map(|place| spawn_on(s, move |s| s.set(place)));
    assert_eq!(s.assert_seen(task.finish()), 1);
    join_all(setters);
    other.assert_woken();
    s.assert_none_left();
}

/// Two members in one queue are one wait.
fn the_same_twice(s: &Shared<AutoResetEvent>) {
    let event = &s.object.0;
    let task = Task::queued(wait_any_async(&[event, event]));
    let setters = [(); 2].map(|()| spawn_on(s, |s| s.object.0.set()));
    assert_eq!(task.finish(), 0);
    join_all(setters);
    assert!(s.wait0(0));
    s.assert_none_left();
}

/// The truth table, checked during two sets and a wait that may be given up.
fn rules_hold_at_any_moment<E: Event + Signal>(s: &Shared<E>) {
    let waiter = spawn_on(s, |s| wait_any_for(&s.signals(), SOON));
    let setter = spawn_on(s, |s| s.set(1));
    s.set(0);
    s.assert_rules();
    let won = waiter.join().unwrap();
    setter.join().unwrap();
    s.assert_left(won);
}

/// Sets the second event, and resets it at once.
fn pulse(s: &Pair<ManualResetEvent>) {
    s.set(1);
    s.object.1.reset();
}

fn queued_for_the_second(s: &Pair<ManualResetEvent>) -> Task<Wait<'_>> {
    Task::queued(s.object.1.wait_async())
}

/// Contract 189: all are released although the event is reset, the member by whichever was faster.
fn broadcast_to_a_member_between_tasks(s: &Shared<ManualResetEvent>) {
    let first = queued_for_the_second(s);
    let task = s.queued();
    let third = queued_for_the_second(s);
    let setters = [spawn_on(s, |s| s.set(0)), spawn_on(s, pulse)];
    let won = s.assert_seen(task.finish());
    join_all(setters);
    first.assert_woken();
    third.assert_woken();
    assert_eq!(s.wait0(0), won != 0);
    assert!(!s.wait0(0) && !s.wait0(1));
}

fn broadcast_to_a_member_between_threads(s: &Shared<ManualResetEvent>) {
    let waiter = spawn_on(s, |s| s.object.1.wait());
    wait_until_queued(&s.object.1, 1);
    let task = s.queued();
    let other = spawn_on(s, |s| s.object.1.wait());
    wait_until_queued(&s.object.1, 3);
    let setter = spawn_on(s, |s| s.set(0));
    pulse(s);
    let won = s.assert_seen(task.finish());
    join_all([waiter, other, setter]);
    assert_eq!(s.wait0(0), won != 0);
    assert!(!s.wait0(0) && !s.wait0(1));
}

/// Two members in one batch. A set of the other event is for the first, for the second, or stays.
fn broadcast_to_two_groups(s: &Shared<ManualResetEvent>) {
    let tasks = [(); 2].map(|()| s.queued());
    let setters = [spawn_on(s, |s| s.set(0)), spawn_on(s, pulse)];
    let won = tasks.map(|task| s.assert_seen(task.finish()));
    join_all(setters);
    assert_ne!(won, [0, 0]);
    assert_eq!(s.wait0(0), won == [1, 1]);
    assert!(!s.wait0(0) && !s.wait0(1));
}

/// Contract 145: once one was seen released, all others are.
fn half_a_broadcast(s: &Shared<ManualResetEvent>) {
    let mut first = queued_for_the_second(s);
    let mut task = s.queued();
    let setter = spawn_on(s, pulse);
    if first.is_ready() {
        assert_eq!(task.poll(), Some(1), "released in part");
        setter.join().unwrap();
    } else {
        setter.join().unwrap();
        first.assert_woken();
        task.assert_woken();
    }
}

fn half_a_broadcast_from_behind(s: &Shared<ManualResetEvent>) {
    let mut task = s.queued();
    let mut last = queued_for_the_second(s);
    let setter = spawn_on(s, pulse);
    if task.is_ready() {
        assert!(last.is_ready(), "released in part");
        setter.join().unwrap();
    } else {
        setter.join().unwrap();
        last.assert_woken();
        task.assert_woken();
    }
}

/// Contract 29: a thread that was woken for a member wakes others, while the setter is stuck.
fn woken_thread_wakes_others(s: &Shared<ManualResetEvent>) {
    let waiter = spawn_on(s, |s| wait_any(&s.signals()) == 1);
    wait_until_queued(&s.object.1, 1);
    let other = pin!(s.object.1.wait_async());
    stuck::wakes_another(other.entry(), waiter, 1);
    assert!(!s.wait0(0));
    s.object.1.set();
}

/// Contract 28, 29: also one whose deadline passes inside the broadcast, which is a success.
fn expired_thread_wakes_others(s: &Shared<ManualResetEvent>) {
    expired_in_a_broadcast(s, 0);
}

/// The same where the setter is about to wake that thread.
fn expired_thread_against_its_release(s: &Shared<ManualResetEvent>) {
    expired_in_a_broadcast(s, 1);
}

fn expired_in_a_broadcast(s: &Shared<ManualResetEvent>, woken: usize) {
    let waiter = spawn_on(s, |s| wait_any_for(&s.signals(), SOON).is_some());
    let other = pin!(s.object.1.wait_async());
    stuck::wakes_another(other.entry(), waiter, woken);
    s.object.1.set();
}

/// Contract 29: a task that was woken wakes those behind a member, whether that is held, stale, or neither.
fn woken_task_wakes_others(s: &Shared<ManualResetEvent>) {
    let key = core::ptr::from_ref(&s.object.1).addr();
    let first = queued_for_the_second(s);
    let mut task = Some(s.queued());
    let third = queued_for_the_second(s);
    stuck_broadcast(key, 1, |_| {
        let setter = spawn_on(s, |s| s.set(0));
        first.assert_woken();
        setter.join().unwrap();
        let task = task.take().expect("it is called once");
        assert_eq!(s.wait0(0), task.finish() != 0);
    });
    third.assert_woken();
    s.object.1.set();
}
