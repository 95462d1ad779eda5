//! Programs on an event for which waits for all wait, too. The specification is the same: that the event is watched
//! changes no answer.

use super::on_slot::{explore, models_of_programs, named, programs};
use super::program::{Other, Subject};
use super::watchers;
use crate::{AutoResetEvent, EventState, ManualResetEvent, Wait, wait_all, wait_all_for};

/// An event, and others for waits for all.
pub(super) struct Watched {
    event: AutoResetEvent,
    set: ManualResetEvent,
    unset: ManualResetEvent,
}

impl Subject for Watched {
    fn unset() -> Self {
        Self {
            event: AutoResetEvent::new(EventState::Unset),
            set: ManualResetEvent::new(EventState::Set),
            unset: ManualResetEvent::new(EventState::Unset),
        }
    }
    fn set(&self) {
        self.event.set();
    }
    fn reset(&self) {
        self.event.reset();
    }
    fn wait(&self) {
        Subject::wait(&self.event);
    }
    fn wait_soon(&self) -> bool {
        self.event.wait_soon()
    }
    fn wait_for_zero(&self) -> bool {
        self.event.wait_for_zero()
    }
    fn wait0(&self) -> bool {
        Subject::wait0(&self.event)
    }
    fn is_set(&self) -> bool {
        self.event.is_set()
    }
    fn wait_async(&self) -> Wait<'_> {
        self.event.wait_async()
    }
    fn inspect(&self) -> (usize, u8) {
        self.event.inspect()
    }
    fn wait_with(&self, other: Other) -> bool {
        match other {
            Other::Set(None) => {
                wait_all(&[&self.event, &self.set]);
                true
            }
            Other::Set(Some(limit)) => wait_all_for(&[&self.event, &self.set], limit),
            // In this order, so that the event is not checked: that would reserve an offered set.
            Other::Unset(limit) => wait_all_for(&[&self.unset, &self.event], limit),
        }
    }
    fn watchers(&self) -> usize {
        watchers(&self.event)
    }
}

models_of_programs! { watched = Watched:
    beside_one(2, 8_400) = programs("V|W", 1), &["s: WATCHED -> WATCHED", "w0: WATCHED -> WATCHED", "is: WATCHED -> WATCHED"];
    beside_one_that_expires(2, 8_300) = programs("V|T", 1), &[];
    timeout_alone(3, 11_000) = named("V|T|w0"), &[];
    dropped_task_alone(3, 12_000) = named("V|D|w0"), &[];
    wait_against_two_sets(3, 1_900) = named("W|v|s s"), &[];
    timeout_against_two_sets(3, 520) = named("t|v|s s"), &[];
    wait_against_two_setters(2, 3_000) = named("V|W|s|s"), &[];
    barging_against_wait0(2, 11_000) = named("W|w|v|s w0"), &[];
    barging_against_is_set(2, 19_000) = named("V|W|w|s is"), &[];
    barging_against_reset(2, 18_000) = named("V|W|w|s r"), &[];
    barging_against_wait_for_zero(2, 18_000) = named("V|W|w|s z"), &[];
    set_after_wait_against_reset(2, 4_900) = named("V|W s|s w0|s r"), &[];
    task_against_two_sets(3, 870) = named("A|v|s s"), &[];
    dropped_task_against_two_sets(3, 28_000) = named("D|V|s s"), &[];
    task_behind_called(1, 440) = named("V|W|A|s s"), &[];
}

models_of_programs! { becomes_watched = Watched:
    before_wait0(8, 45) = named("v|s w0"), &[];
    before_two_waits0(8, 150) = named("v|s w0 s w0"), &[];
    before_is_set(8, 22) = named("v|s is"), &[];
    before_reset(8, 38) = named("v|s r w0"), &[];
    before_wait_for_zero(8, 22) = named("v|s z"), &[];
    before_wait(8, 16) = named("v|s w"), &[];
    before_timeout(8, 16) = named("v|s t"), &[];
    before_task(8, 16) = named("v|s a"), &[];
    before_dropped_task(8, 16) = named("v|s d"), &[];
    before_wait_for_all(8, 12) = named("v|s l0"), &[];
    before_two_sets(8, 110) = named("v|s s w0 w0"), &[];
}

models_of_programs! { taken_by_a_wait_for_all = Watched:
    two_sets(8, 310) = named("L|s s"), &["s: WATCHED -> WATCHED"];
    two_sets_2(8, 35) = named("l|s s"), &[];
    two_setters(3, 1_000) = named("L|s|s"), &[];
    timeout_against_two_sets(4, 1_100) = named("E|s s"), &[];
    timeout_against_two_sets_2(8, 380) = named("e|s s"), &[];
    two_timeouts_against_two_sets(3, 5_400) = named("E|e|s s"), &[];
    beside_a_timeout(2, 2_200) = named("T|E|s s"), &[];
    beside_a_wait(3, 12_000) = named("W|L|s s"), &[];
    beside_a_task(3, 26_000) = named("A|L|s s"), &[];
    beside_a_dropped_task(3, 10_000) = named("D|L|s"), &[];
    behind_a_called_wait(3, 23_000) = named("W|l|s is"), &["l: OFFERED -> BARGED"];
    after_a_reset(3, 20_000) = named("W|l|s r"), &["l: OFFERED -> BARGED"];
    check_beside_a_called_wait(3, 3_000) = named("W|l0|s w0"), &["l0: OFFERED -> RESERVED"];
    check_and_barging(2, 2_400) = named("W|w|s l0"), &["l0: OFFERED -> RESERVED"];
    two_checks(8, 45) = named("l0|s w0"), &[];
    two_in_a_row(3, 8_700) = named("L|L|s s"), &[];
    two_that_come(3, 5_500) = named("l|l|s s"), &[];
    set_after_it(2, 3_200) = named("L s|w|s"), &[];
    set_after_it_against_reset(3, 2_700) = named("L s|s w0|s r"), &[];
    fair_set_beside_barged(2, 3_800) = named("W|W|s e s e s"), &[];
}
