//! Every row of the slot's table: what each operation does when it meets a called waiter.

use std::collections::BTreeSet;

use super::plain::PlainEvent;
use super::program::{Program, Subject};
use crate::AutoResetEvent;
use crate::raw::byte::{QUEUED, UNSET};
use crate::sync::steps::{Step, steps};
use crate::sync::testing::explore_each;

/// After the set that calls, the main thread makes each sequence of this many operations, while the waits run.
pub(super) fn programs(waits: &str, operations: usize) -> Vec<Program> {
    let mut mains = vec![format!("{waits}|s")];
    for _ in 0..operations {
        let longer =
            |main: &String| ["s", "t", "w0", "is", "r"].map(|next| format!("{main} {next}"));
        mains = mains.iter().flat_map(longer).collect();
    }
    mains.iter().map(|main| Program::new(main)).collect()
}

pub(super) fn named(program: &str) -> Vec<Program> {
    vec![Program::new(program)]
}

/// Explores the programs. `expected` are steps that must come up: an operation, and the byte before and after.
pub(super) fn explore<S: Subject>(
    preemptions: usize,
    at_least: usize,
    programs: Vec<Program>,
    expected: &[&str],
) {
    let models = programs.into_iter().map(|program| move || program.run::<S>());
    explore_each(preemptions, at_least, models);
    if let Some(steps) = steps() {
        let steps: BTreeSet<_> = steps.iter().map(describe).collect();
        let missing: Vec<_> = expected.iter().filter(|step| !steps.contains(**step)).collect();
        assert!(missing.is_empty(), "never came up: {missing:?}, but {steps:#?}");
    }
}

fn describe((operation, before, after): &Step) -> String {
    format!("{operation}: {} -> {}", name(*before), name(*after))
}

fn name(byte: u8) -> String {
    // Beside other bits `UNSET` has no meaning.
    let slot = match byte & !QUEUED & !UNSET {
        0x00 if byte & QUEUED != 0 => return "Q".to_owned(),
        0x00 if byte == 0 => return "0".to_owned(),
        0x00 => return "U".to_owned(),
        0x80 => "OFFERED",
        0x90 => "BARGED",
        0xa0 => "RESERVED",
        0xb0 => "RESERVED_AND_SET",
        0xc0 => "WATCHED",
        _ => "?",
    };
    format!("{slot}{}", if byte & QUEUED == 0 { "" } else { "+Q" })
}

/// With one queued wait at first.
const ONE: &[&str] = &[
    "s: 0 -> 0",
    "s: U -> 0",
    "s: Q -> OFFERED",
    "s: Q -> U",
    "s: OFFERED -> RESERVED_AND_SET",
    "s: BARGED -> OFFERED",
    "s: RESERVED -> RESERVED_AND_SET",
    "s: RESERVED_AND_SET -> RESERVED_AND_SET",
    "t: 0 -> U",
    "t: U -> Q",
    "t: Q -> Q",
    "t: OFFERED -> BARGED",
    "t: BARGED -> BARGED+Q",
    "t: RESERVED -> RESERVED+Q",
    "t: RESERVED_AND_SET -> RESERVED",
    "w0: 0 -> U",
    "w0: U -> U",
    "w0: Q -> Q",
    "w0: OFFERED -> RESERVED",
    "w0: BARGED -> BARGED",
    "w0: RESERVED -> RESERVED",
    "w0: RESERVED_AND_SET -> RESERVED",
    "is: 0 -> 0",
    "is: U -> U",
    "is: Q -> Q",
    "is: OFFERED -> RESERVED",
    "is: BARGED -> BARGED",
    "is: RESERVED -> RESERVED",
    "is: RESERVED_AND_SET -> RESERVED_AND_SET",
    "r: 0 -> U",
    "r: OFFERED -> RESERVED",
    "r: BARGED -> BARGED",
    "r: RESERVED -> RESERVED",
    "r: RESERVED_AND_SET -> RESERVED",
    "W: U -> Q",
    "W: OFFERED -> U",
    "W: BARGED -> Q",
    "W: BARGED+Q -> Q",
    "W: RESERVED -> U",
    "W: RESERVED+Q -> Q",
    "W: RESERVED_AND_SET -> 0",
];

/// With two.
const TWO: &[&str] = &[
    "s: Q -> OFFERED+Q",
    "s: OFFERED+Q -> RESERVED",
    "s: RESERVED+Q -> RESERVED",
    "t: OFFERED+Q -> BARGED+Q",
    "t: BARGED+Q -> BARGED+Q",
    "t: RESERVED+Q -> RESERVED+Q",
    "w0: OFFERED+Q -> RESERVED+Q",
    "w0: BARGED+Q -> BARGED+Q",
    "w0: RESERVED+Q -> RESERVED+Q",
    "is: OFFERED+Q -> RESERVED+Q",
    "is: BARGED+Q -> BARGED+Q",
    "is: RESERVED+Q -> RESERVED+Q",
    "r: OFFERED+Q -> RESERVED+Q",
    "r: BARGED+Q -> BARGED+Q",
    "r: RESERVED+Q -> RESERVED+Q",
    "W: OFFERED+Q -> Q",
    "W: BARGED+Q -> Q",
    "W: RESERVED+Q -> Q",
];

/// With waits that expire while another one has been called.
const EXPIRED: &[&str] = &[
    "T: Q -> Q",
    "T: Q -> U",
    "T: OFFERED+Q -> BARGED",
    "T: BARGED+Q -> BARGED",
    "T: RESERVED+Q -> RESERVED",
];

macro_rules! models_of_programs {
    ($module:ident = $event:ty: $($model:ident($($number:literal),+) = $programs:expr, $expected:expr;)+) => {
        mod $module {
            use super::*;

            $(#[test]
            fn $model() {
                explore::<$event>($($number,)+ $programs, $expected);
            })+
        }
    };
}
pub(super) use models_of_programs;

// Contract 218 to 223.
models_of_programs! { slot = AutoResetEvent:
    beside_one(3, 54_000) = programs("W", 3), ONE;
    beside_two(2, 44_000) = programs("W|W", 2), TWO;
    beside_two_that_expire(2, 36_000) = programs("T|T", 2), EXPIRED;
    beside_one_and_one_that_expires(2, 37_000) = programs("W|T", 2), EXPIRED;
    set_of_another_beside_barged(3, 110_000) = named("W|W|t s|s"), &["s: BARGED+Q -> OFFERED+Q"];
    expired_leaves_others(2, 36_000) = named("W|T|W|s t"),
        &["T: OFFERED+Q -> BARGED+Q", "T: BARGED+Q -> BARGED+Q"];
    handed_off_to_others(2, 45_000) = named("W|W|W|s s"), &["s: OFFERED+Q -> RESERVED+Q"];
}

// The programs that histories cannot judge, with waits that are queued at first and with such that are not.
models_of_programs! { strict = AutoResetEvent:
    timeout_against_two_sets(8, 19_000) = named("T|s s"), &["T: Q -> U"];
    timeout_against_two_sets_2(8, 390) = named("t|s s"), &["t: Q -> U"];
    wait_against_two_sets(8, 2_000) = named("W|s s"), &[];
    wait_against_two_setters(4, 5_400) = named("W|s|s"), &[];
    timeout_and_two_waits_against_three_sets(3, 30_000) = named("T|W w|s s s"), &[];
    timeout_and_two_waits_against_three_sets_2(3, 5_500) = named("t|w w|s s s"), &[];
    set_after_wait_against_reset(4, 26_000) = named("W s|s w0|s r"), &[];
    set_after_wait_against_reset_2(4, 12_000) = named("w s|s w0|s r"), &[];
    three_waits_against_three_sets(3, 190_000) = named("W|W|w|s s s"), &[];
    two_timeouts_against_two_sets(4, 23_000) = named("T|t|s s"), &[];
    timeout_and_wait_against_two_setters(3, 95_000) = named("T|W|s|s s"), &[];
    barging_against_wait0(3, 18_000) = named("W|w|s w0"), &["w: OFFERED -> BARGED"];
    barging_against_wait_for_zero(3, 17_000) = named("W|w|s z"), &["z: OFFERED -> RESERVED"];
    barging_against_is_set(3, 18_000) = named("W|w|s is"), &["w: OFFERED -> BARGED"];
    barging_against_reset(3, 16_000) = named("W|w|s r"), &["w: OFFERED -> BARGED"];
    // Fairness: an overtaken wait is handed the next set, and of the sets of a thread every second one.
    fair_set_beside_barged(3, 50_000) = named("W|W|s t s t s"), &["s: BARGED+Q -> BARGED"];
    overtaken_once(4, 11_000) = named("W|s t|s"), &["s: BARGED -> OFFERED", "s: Q -> U"];
}

// Contract 126, 134 to 136: tasks are handed their sets, before and behind waits that are called.
models_of_programs! { tasks = AutoResetEvent:
    task_against_two_sets(8, 58) = named("A|s s"), &["s: Q -> U"];
    new_task_against_two_sets(8, 3) = named("a|s s"), &["s: Q -> U"];
    dropped_task_against_two_sets(8, 1_700) = named("D|s s"), &["s: Q -> U", "D: Q -> U"];
    dropped_task_against_sets_and_a_check(3, 180) = named("d|s is|s w0"), &["s: Q -> U"];
    task_behind_called(3, 11_000) = named("W|A|s s"), &["s: Q -> OFFERED+Q", "s: OFFERED+Q -> RESERVED"];
    task_behind_barged(3, 1) = named("W|A|s t s"), &["s: BARGED+Q -> OFFERED+Q"];
    task_before_a_thread(3, 1) = named("A|W|s w0 s"), &["s: Q -> Q", "s: Q -> OFFERED"];
    dropped_task_behind_called(3, 5_900) = named("W|D|s s"),
        &["s: OFFERED+Q -> RESERVED", "D: RESERVED -> RESERVED_AND_SET"];
    dropped_task_before_a_thread(3, 5_100) = named("D|W|s w0"), &["s: Q -> Q", "D: Q -> OFFERED"];
    dropped_task_beside_a_timeout(3, 7_400) = named("D|T|s s"), &["D: Q -> OFFERED"];
    dropped_tasks(2, 1) = named("D|D|A|s"), &["D: Q -> Q", "D: Q -> U"];
    new_task_barges(3, 10_000) = named("W|a|s is"), &["a: OFFERED -> BARGED"];
    blocked_wait_before_a_thread(3, 8_900) = named("B|W|s t s"), &["s: Q -> Q"];
    new_blocked_wait_against_two_setters(3, 210) = named("b|s|s w0"), &["b: U -> Q"];
}

// The byte's steps over a plain list: without the table and the entries, so more preemptions are possible.
models_of_programs! { plain = PlainEvent:
    beside_one(3, 75_000) = programs("W", 3), ONE;
    set_after_wait_against_reset(4, 50_000) = named("W s|s w0|s r"), &[];
}
