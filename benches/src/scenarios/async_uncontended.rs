//! One thread that polls futures: what the steps of a task's wait cost.

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll};

use crate::bench::{Bench, Row};
use crate::contenders::each;
use crate::measure::{Stopwatch, Taken};
use crate::objects::{AsyncAuto, AsyncSemaphore};
use crate::tasks::waker;

const ABOUT: &str = "\
Futures that are made, polled by hand with one waker, and dropped, in a loop of one thread. To register is to
poll a future that has to wait.";

const AUTO: [(&str, &str); 3] = [
    ("event_set_poll", "auto: set, poll"),
    ("event_register_drop", "auto: register, drop"),
    ("event_register_set_poll", "auto: register, set, poll"),
];
const SEMAPHORE: [(&str, &str); 3] = [
    ("semaphore_acquire_drop", "semaphore: acquire, drop the permit"),
    ("semaphore_register_drop", "semaphore: register, drop"),
    ("semaphore_register_release_poll", "semaphore: register, drop a permit, poll"),
];

pub(super) fn run(bench: &mut Bench) {
    bench.scenario("async_uncontended", "Tasks: one thread, no contention", ABOUT);
    for (name, title) in AUTO {
        let row = &mut bench.row(name, title);
        each!(async_auto: auto(row, name));
    }
    for (name, title) in SEMAPHORE {
        let row = &mut bench.row(name, title);
        each!(async_semaphore: semaphore(row, name));
    }
}

/// Runs `operation` as often as it is told.
fn repeated(times: u64, mut operation: impl FnMut(&mut Context<'_>)) -> Taken {
    let waker = waker();
    let context = &mut Context::from_waker(&waker);
    let watch = Stopwatch::start();
    for _ in 0..times {
        operation(context);
    }
    watch.stop()
}

fn ready<T>(poll: Poll<T>) -> T {
    match poll {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("not ready"),
    }
}

fn auto<E: AsyncAuto>(row: &mut Row<'_>, name: &str) {
    row.measure(E::CONTENDER, |times| {
        let event = &E::new();
        black_box(event);
        match name {
            "event_set_poll" => repeated(times, |context| {
                event.set();
                ready(pin!(event.wait_async()).poll(context));
            }),
            "event_register_drop" => repeated(times, |context| {
                assert!(pin!(event.wait_async()).poll(context).is_pending());
            }),
            "event_register_set_poll" => repeated(times, |context| {
                let mut wait = pin!(event.wait_async());
                assert!(wait.as_mut().poll(context).is_pending());
                event.set();
                ready(wait.poll(context));
            }),
            _ => unreachable!("no row {name}"),
        }
    });
}

fn semaphore<S: AsyncSemaphore>(row: &mut Row<'_>, name: &str) {
    row.measure(S::CONTENDER, |times| {
        let semaphore = &S::new(1);
        black_box(semaphore);
        let acquired =
            |context: &mut Context<'_>| ready(pin!(semaphore.acquire_async()).poll(context));
        match name {
            "semaphore_acquire_drop" => repeated(times, |context| drop(acquired(context))),
            "semaphore_register_drop" => {
                let _permit = acquired(&mut Context::from_waker(&waker()));
                repeated(times, |context| {
                    assert!(pin!(semaphore.acquire_async()).poll(context).is_pending());
                })
            }
            "semaphore_register_release_poll" => {
                let mut permit = Some(acquired(&mut Context::from_waker(&waker())));
                repeated(times, |context| {
                    let mut wait = pin!(semaphore.acquire_async());
                    assert!(wait.as_mut().poll(context).is_pending());
                    permit = None;
                    permit = Some(ready(wait.poll(context)));
                })
            }
            _ => unreachable!("no row {name}"),
        }
    });
}
