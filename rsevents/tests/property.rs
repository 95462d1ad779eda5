//! Random programs on one thread, against a boolean.

mod support;

use std::time::{Duration, Instant};

use proptest::prelude::*;
use rsevents::{AutoResetEvent, EventState, ManualResetEvent};
use support::Event;

#[derive(Clone, Copy, Debug)]
enum Call {
    Set,
    Reset,
    IsSet,
    Wait0,
    WaitForZero,
    WaitForMoment,
    WaitUntilNow,
    /// Only where it does not block.
    Wait,
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        4 => Just(Call::Set),
        2 => Just(Call::Reset),
        1 => Just(Call::IsSet),
        2 => Just(Call::Wait0),
        1 => Just(Call::WaitForZero),
        1 => Just(Call::WaitForMoment),
        1 => Just(Call::WaitUntilNow),
        1 => Just(Call::Wait),
    ]
}

/// Runs the program on an event and on a boolean.
fn agrees_with_a_boolean<E: Event>(
    initial: EventState,
    calls: &[Call],
) -> Result<(), TestCaseError> {
    let event = E::from(initial);
    let mut model = initial == EventState::Set;
    for call in calls {
        let before = model;
        let waited = match call {
            Call::Set => {
                event.set();
                model = true;
                continue;
            }
            Call::Reset => {
                event.reset();
                model = false;
                continue;
            }
            Call::IsSet => {
                prop_assert_eq!(event.is_set(), model);
                continue;
            }
            Call::Wait if !before => continue,
            Call::Wait => {
                event.wait();
                true
            }
            Call::Wait0 => event.wait0(),
            Call::WaitForZero => event.wait_for(Duration::ZERO),
            Call::WaitForMoment => event.wait_for(Duration::from_nanos(100)),
            Call::WaitUntilNow => event.wait_until(Instant::now()),
        };
        prop_assert_eq!(waited, before, "{:?}", call);
        model = before && !E::CONSUMES;
    }
    prop_assert_eq!(event.is_set(), model);
    Ok(())
}

fn state() -> impl Strategy<Value = EventState> {
    prop_oneof![Just(EventState::Set), Just(EventState::Unset)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn auto(initial in state(), calls in prop::collection::vec(call(), 0..100)) {
        agrees_with_a_boolean::<AutoResetEvent>(initial, &calls)?;
    }

    #[test]
    fn manual(initial in state(), calls in prop::collection::vec(call(), 0..100)) {
        agrees_with_a_boolean::<ManualResetEvent>(initial, &calls)?;
    }
}
