//! An atomic number made of a lock.

use std::thread;

use super::{AtomicU64, Ordering};

#[test]
fn no_addition_is_lost() {
    let number = AtomicU64::new(u64::MAX);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..100).for_each(|_| _ = number.fetch_add(1, Ordering::Relaxed)));
        }
    });
    assert_eq!(number.load(Ordering::Relaxed), 399);
    let exchange = |before, after| {
        number.compare_exchange_weak(before, after, Ordering::AcqRel, Ordering::Relaxed)
    };
    assert_eq!((exchange(1, 2), exchange(399, 7), exchange(399, 8)), (Err(399), Ok(399), Err(7)));
}
