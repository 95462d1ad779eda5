//! Contract 85-89 on real threads: plain memory that only the events order, checked by value here
//! and by a sanitizer where one runs these tests. The models prove each ordering by itself.
//!
//! 84 and 90 belong to the types of `rsevents-extra`; 91 promises nothing.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rsevents::{AutoResetEvent, ManualResetEvent};
use support::{Event, FOREVER, Plain, scope, unset, wait_until, wait_until_parked, watched};

const ROUNDS: usize = 500;

type Wait<E> = fn(&E);

fn poll<E: Event>(event: &E) {
    wait_until(|| event.wait0());
}

fn forms<E: Event>() -> [Wait<E>; 4] {
    [
        poll,
        |e| e.wait(),
        |e| assert!(e.wait_for(FOREVER)),
        |e| {
            while !e.wait_for(Duration::from_micros(10)) {}
        },
    ]
}

/// Passes a value back and forth in plain memory, once for each form of wait. The reset comes after
/// the accesses: it would acquire too.
fn publishes_to_every_form<E: Event>() {
    for wait in forms::<E>() {
        let (there, back, data) = (unset::<E>(), unset::<E>(), Plain::default());
        scope(|scope| {
            scope.spawn(|| {
                for round in 0..ROUNDS {
                    wait(&there);
                    assert_eq!(data.get(), 2 * round + 1);
                    data.set(2 * round + 2);
                    there.reset();
                    back.set();
                }
            });
            for round in 0..ROUNDS {
                data.set(2 * round + 1);
                there.set();
                wait(&back);
                assert_eq!(data.get(), 2 * round + 2);
                back.reset();
            }
        });
    }
}

#[test]
fn c85_manual_set_publishes_to_every_form_of_wait() {
    watched(publishes_to_every_form::<ManualResetEvent>);
}

#[test]
fn c86_auto_set_publishes_to_every_form_of_wait() {
    watched(publishes_to_every_form::<AutoResetEvent>);
}

fn publishes_to_the_parked<E: Event>() {
    for round in 0..200 {
        let (event, data) = (unset::<E>(), Plain::default());
        scope(|scope| {
            scope.spawn(|| {
                event.wait();
                assert_eq!(data.get(), round);
            });
            wait_until_parked(&event, 1);
            data.set(round);
            event.set();
        });
    }
}

#[test]
fn c85_manual_set_publishes_to_the_parked() {
    watched(publishes_to_the_parked::<ManualResetEvent>);
}

#[test]
fn c86_auto_set_publishes_to_the_parked() {
    watched(publishes_to_the_parked::<AutoResetEvent>);
}

/// Two setters note in a way that orders nothing that they are done; one wait sees both writes.
fn publishes_for_both_setters<E: Event>() {
    for _ in 0..ROUNDS {
        let (event, data, done) =
            (unset::<E>(), [Plain::default(), Plain::default()], AtomicUsize::new(0));
        scope(|scope| {
            for mine in &data {
                let (event, done) = (&event, &done);
                scope.spawn(move || {
                    mine.set(7);
                    event.set();
                    done.fetch_add(1, Ordering::Relaxed);
                });
            }
            wait_until(|| done.load(Ordering::Relaxed) == 2);
            event.wait();
            if !E::CONSUMES {
                // A load may see the older of the two sets as long as nothing orders it after the
                // newer one. A reset sees the newest state.
                event.reset();
            }
            assert_eq!(data[0].get() + data[1].get(), 14);
        });
    }
}

#[test]
fn c87_coalesced_auto_sets_publish_for_both() {
    watched(publishes_for_both_setters::<AutoResetEvent>);
}

#[test]
fn c88_two_manual_sets_publish_for_both() {
    watched(publishes_for_both_setters::<ManualResetEvent>);
}

/// A consumer resets, checks for work again, and only then waits. The producer publishes work and
/// sets. If a reset did not acquire, the consumer could miss the work and wait for ever.
fn reset_acquires<E: Event>() {
    let (event, work) = (unset::<E>(), AtomicUsize::new(0));
    scope(|scope| {
        scope.spawn(|| {
            for item in 1..=ROUNDS {
                work.store(item, Ordering::Relaxed);
                event.set();
                if item % 7 == 0 {
                    thread::yield_now();
                }
            }
        });
        let mut done = 0;
        while done < ROUNDS {
            event.reset();
            let now = work.load(Ordering::Relaxed);
            if now == done {
                event.wait();
            }
            done = now;
        }
    });
}

#[test]
fn c89_auto_reset_acquires() {
    watched(reset_acquires::<AutoResetEvent>);
}

#[test]
fn c89_manual_reset_acquires() {
    watched(reset_acquires::<ManualResetEvent>);
}
