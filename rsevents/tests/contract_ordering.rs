//! Contract 87-89 on real threads: plain memory that only the events order, checked by value here and by a
//! sanitizer where one runs these tests. The models prove each ordering by itself.
//!
//! `contract_races.rs` has 85 and 86. 84 and 90 belong to the types of `rsevents-extra`; 91 promises nothing.

mod support;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use support::{Event, Plain, for_both, rounds, scope, unset, wait_until};

for_both! {
    c87_c88_two_sets_publish_for_both_setters,
    c89_a_reset_acquires,
    c89_work_is_not_missed_after_a_reset,
}

/// Two setters, one after the other, note that they are done in a way that orders nothing; one wait sees both writes.
fn c87_c88_two_sets_publish_for_both_setters<E: Event>() {
    for _ in 0..rounds(500) {
        let (event, data, done) =
            (unset::<E>(), [Plain::default(), Plain::default()], AtomicUsize::new(0));
        scope(|scope| {
            for (before, mine) in data.iter().enumerate() {
                let (event, done) = (&event, &done);
                scope.spawn(move || {
                    wait_until(|| done.load(Ordering::Relaxed) == before);
                    mine.set(7);
                    event.set();
                    done.fetch_add(1, Ordering::Relaxed);
                });
            }
            wait_until(|| done.load(Ordering::Relaxed) == 2);
            event.wait();
            // Whichever of the two sets the wait has seen.
            assert_eq!(data[0].get(), 7);
            if !E::CONSUMES {
                // A load may see the older one as long as nothing orders it after the newer one. A reset sees the
                // newest state.
                event.reset();
            }
            assert_eq!(data[1].get(), 7);
        });
    }
}

/// The reset finds what was written before the set that it undoes. Nothing else orders that.
fn c89_a_reset_acquires<E: Event>() {
    for _ in 0..rounds(500) {
        let (event, data, is_done) = (unset::<E>(), Plain::default(), AtomicBool::new(false));
        scope(|scope| {
            scope.spawn(|| {
                data.set(7);
                event.set();
                is_done.store(true, Ordering::Relaxed);
            });
            wait_until(|| is_done.load(Ordering::Relaxed));
            event.reset();
            assert_eq!(data.get(), 7);
        });
    }
}

/// A consumer resets, checks for work again, and only then waits. The producer publishes work and
/// sets. If a reset did not acquire, the consumer could miss the work and wait for ever.
fn c89_work_is_not_missed_after_a_reset<E: Event>() {
    let (event, work, rounds) = (unset::<E>(), AtomicUsize::new(0), rounds(500));
    scope(|scope| {
        scope.spawn(|| {
            for item in 1..=rounds {
                work.store(item, Ordering::Relaxed);
                event.set();
                if item % 7 == 0 {
                    thread::yield_now();
                }
            }
        });
        let mut done = 0;
        while done < rounds {
            event.reset();
            let now = work.load(Ordering::Relaxed);
            if now == done {
                event.wait();
            }
            done = now;
        }
    });
}
