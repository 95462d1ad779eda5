//! What of contract 1-36 holds for both events, on one thread.

mod support;

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::{Duration, Instant};

use rsevents::{AutoResetEvent, EventState, ManualResetEvent};
use support::{Event, Wait, for_both};

for_both! { c01_c02_c03_c04_c05_c20_c21_c22_calls_agree_with_a_boolean }

/// Every sequence of five calls on one thread.
fn c01_c02_c03_c04_c05_c20_c21_c22_calls_agree_with_a_boolean<E: Event>() {
    let waits: [Wait<E>; 5] = [
        |event| event.wait0(),
        |event| event.wait_for(Duration::ZERO),
        |event| event.wait_for(Duration::from_nanos(100)),
        |event| event.wait_until(Instant::now()),
        |event| {
            let blocks = !event.is_set();
            if !blocks {
                event.wait();
            }
            !blocks
        },
    ];
    let choices = 2 + waits.len();
    for initial in [true, false] {
        for sequence in 0..choices.pow(5) {
            let (event, mut is_set) = (E::new(initial), initial);
            for place in 0..5 {
                match sequence / choices.pow(place) % choices {
                    0 => {
                        event.set();
                        is_set = true;
                    }
                    1 => {
                        event.reset();
                        is_set = false;
                    }
                    call => {
                        let succeeded = waits[call - 2](&event);
                        assert_eq!(succeeded, is_set, "call {place} of sequence {sequence}");
                        is_set &= !E::CONSUMES;
                    }
                }
                assert_eq!(event.is_set(), is_set, "after call {place} of sequence {sequence}");
            }
        }
    }
}

#[test]
fn c19_c36_one_byte_static_and_unwind_safe() {
    static AUTO: AutoResetEvent = AutoResetEvent::new(EventState::Set);
    static MANUAL: ManualResetEvent = ManualResetEvent::new(EventState::Set);
    fn check<E: Event + UnwindSafe + RefUnwindSafe>(event: &'static E) {
        assert_eq!((size_of::<E>(), align_of::<E>()), (1, 1));
        assert!(!std::mem::needs_drop::<E>());
        assert!(event.wait0());
    }
    check(&AUTO);
    check(&MANUAL);
}
