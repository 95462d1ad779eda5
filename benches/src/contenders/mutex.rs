//! Mutexes, for where an event is used as one.

use crate::contender::{Contender, implement};
use crate::objects::Mutex;

pub(crate) type Std = std::sync::Mutex<()>;
pub(crate) type ParkingLot = parking_lot::Mutex<()>;

implement! {
    Mutex for Std as mutex, Contender::new("std-mutex", "std Mutex"),
    new() = Self::default(),
    with_lock(work: impl FnOnce()) = {
        let _guard = mutex.lock().unwrap();
        work();
    },
}

implement! {
    Mutex for ParkingLot as mutex,
    Contender::new("parking_lot-mutex", "parking_lot Mutex").from("parking_lot"),
    new() = Self::default(),
    with_lock(work: impl FnOnce()) = {
        let _guard = mutex.lock();
        work();
    },
}
