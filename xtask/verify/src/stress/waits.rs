//! Random ways to wait.

use std::time::Duration;

use crate::wait::WaitKind;

/// Any, so that many waits park and many are at their deadline when they are released.
pub(super) fn any() -> WaitKind {
    match fastrand::u8(..10) {
        ..3 => WaitKind::Wait,
        3 => WaitKind::WaitAsync,
        _ => limited(),
    }
}

/// One that soon returns by itself.
pub(super) fn limited() -> WaitKind {
    match fastrand::u8(..8) {
        0 => WaitKind::Wait0,
        1..4 => WaitKind::WaitFor(limit()),
        4 => WaitKind::WaitAsyncFor(limit()),
        5 => WaitKind::WaitAsyncUntilDropped(limit()),
        _ => WaitKind::WaitUntil(limit()),
    }
}

/// None, too short to park, about as long as the delays, and long enough to park.
fn limit() -> Duration {
    match fastrand::u8(..8) {
        0 => Duration::ZERO,
        1..4 => Duration::from_nanos(fastrand::u64(1..3_000)),
        4..7 => Duration::from_micros(fastrand::u64(3..80)),
        _ => Duration::from_micros(fastrand::u64(80..400)),
    }
}

#[cfg(test)]
mod tests {
    use super::{any, limited};
    use crate::wait::WaitKind;

    #[test]
    fn every_kind_of_wait_comes_up() {
        let kinds: Vec<_> = (0..1_000).map(|_| any()).collect();
        assert!(kinds.contains(&WaitKind::Wait) && kinds.contains(&WaitKind::Wait0));
        assert!(
            kinds.iter().any(|kind| matches!(kind, WaitKind::WaitFor(limit) if limit.is_zero()))
        );
        assert!(kinds.iter().any(|kind| matches!(kind, WaitKind::WaitUntil(_))));
        assert!(kinds.contains(&WaitKind::WaitAsync));
        assert!(kinds.iter().any(|kind| matches!(kind, WaitKind::WaitAsyncFor(_))));
        assert!(kinds.iter().any(|kind| matches!(kind, WaitKind::WaitAsyncUntilDropped(_))));
        assert!((0..1_000).all(|_| limited().limit().is_some()));
    }
}
