//! Contract 87-89 on real threads: plain memory that only the events order, checked by value here and by a
//! sanitizer where one runs these tests. The models prove each ordering by itself.
//!
//! `contract_races.rs` has 85 and 86. 84 and 90 belong to the types of `rsevents-extra`; 91 promises nothing.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use support::{Event, Plain, for_both, rounds, scope, unset, wait_until};

for_both! {
    c87_c88_two_sets_publish_for_both_setters,
    c89_a_reset_acquires,
}

/// Two setters note in a way that orders nothing that they are done; one wait sees both writes.
fn c87_c88_two_sets_publish_for_both_setters<E: Event>() {
    for _ in 0..rounds(500) {
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

/// A consumer resets, checks for work again, and only then waits. The producer publishes work and
/// sets. If a reset did not acquire, the consumer could miss the work and wait for ever.
fn c89_a_reset_acquires<E: Event>() {
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
