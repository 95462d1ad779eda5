use super::RawEvent;
use crate::EventState;

/// Contract 106.
#[test]
fn debug_tells_the_state() {
    assert_eq!(format!("{:?}", RawEvent::new(EventState::Set)), "RawEvent(Set)");
    assert_eq!(format!("{:?}", RawEvent::new(EventState::Unset)), "RawEvent(Unset)");
}
