//! The numbers of a semaphore's value, and its rule.

use super::Permits;
use rsevents::Rule;

/// Contract 63-70, on the numbers themselves: no field flows over into another.
#[test]
fn fields_do_not_mix() {
    let numbers = |value: Permits| (value.available(), value.capacity(), value.max());
    let most = u16::MAX;
    let full = Permits::new(most, most);
    assert_eq!(numbers(full), (most, most, most));
    assert!(full.raised(1).is_none());
    let all_taken = Permits(Permits::take(full.0, most.into()).unwrap());
    assert_eq!(numbers(all_taken), (0, most, most));
    assert!(Permits::take(all_taken.0, 1).is_none() && all_taken.lowered(1).is_none());

    let back = Permits(all_taken.0 + Permits::available_only(most).0);
    assert_eq!(numbers(back), (most, most, most));
    assert_eq!(numbers(back.lowered(most).unwrap()), (0, 0, most));
    let forgotten = Permits(all_taken.0 - Permits::held_only(most).0);
    assert_eq!(numbers(forgotten), (0, 0, most));
    assert_eq!(numbers(forgotten.raised(most).unwrap()), (most, most, most));
}

#[test]
fn no_permit_opens_nothing() {
    assert!(!Permits::opens(Permits::new(0, 9).0));
    assert!(Permits::opens(Permits::new(1, 9).0));
}
