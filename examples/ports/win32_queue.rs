//! A bounded queue as it is written for Win32: two semaphores count the free and the used places, an event ends the
//! waits for both, and a critical section guards the items.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use rsevents::{EventState, ManualResetEvent, OneOf2, Several};
use rsevents_extra::Semaphore;

/// A count of places, and an event that ends all waits for one.
trait Places: Sync {
    type Stop: Sync;

    fn stop() -> Self::Stop;
    fn set(stop: &Self::Stop);

    fn new(count: u16, most: u16) -> Self;

    /// Waits for a place or for `stop`, for at most `limit`, and takes the place.
    fn take(&self, stop: &Self::Stop, limit: Duration) -> Waited;

    /// Adds a place.
    fn put(&self);
}

/// How a wait has ended.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Waited {
    Stopped,
    Taken,
    TimedOut,
}

/// After.
impl Places for Semaphore {
    type Stop = ManualResetEvent;

    fn stop() -> ManualResetEvent {
        ManualResetEvent::new(EventState::Unset)
    }

    fn set(stop: &ManualResetEvent) {
        stop.set();
    }

    fn new(count: u16, most: u16) -> Self {
        Self::new(count, most)
    }

    fn take(&self, stop: &ManualResetEvent, limit: Duration) -> Waited {
        match (stop, self).wait_any_for(limit) {
            Some(OneOf2::First(())) => Waited::Stopped,
            Some(OneOf2::Second(place)) => {
                place.forget(); // another thread puts it back
                Waited::Taken
            }
            None => Waited::TimedOut,
        }
    }

    fn put(&self) {
        self.release(1);
    }
}

/// Before.
#[cfg(windows)] // calls its functions
mod before {
    use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
    use std::ptr;
    use std::time::Duration;

    use windows_sys::Win32::Foundation::{WAIT_OBJECT_0, WAIT_TIMEOUT};
    use windows_sys::Win32::System::Threading::{
        CreateEventW, CreateSemaphoreW, ReleaseSemaphore, SetEvent, WaitForMultipleObjects,
    };

    use super::{Places, Waited};

    /// The handle of a semaphore.
    struct Handle(OwnedHandle);

    impl Places for Handle {
        type Stop = OwnedHandle;

        fn stop() -> OwnedHandle {
            // SAFETY: both pointers may be null: no security attributes, and no name.
            let handle =
                unsafe { CreateEventW(ptr::null(), true.into(), false.into(), ptr::null()) };
            assert!(!handle.is_null(), "the event cannot be made");
            // SAFETY: the handle is valid, and owned by nothing else.
            unsafe { OwnedHandle::from_raw_handle(handle) }
        }

        fn set(stop: &OwnedHandle) {
            // SAFETY: the handle is open as long as it is borrowed.
            assert_ne!(unsafe { SetEvent(stop.as_raw_handle()) }, 0);
        }

        fn new(count: u16, most: u16) -> Self {
            // SAFETY: as for the event.
            let handle =
                unsafe { CreateSemaphoreW(ptr::null(), count.into(), most.into(), ptr::null()) };
            assert!(!handle.is_null(), "the semaphore cannot be made");
            // SAFETY: as for the event.
            Self(unsafe { OwnedHandle::from_raw_handle(handle) })
        }

        fn take(&self, stop: &OwnedHandle, limit: Duration) -> Waited {
            let handles = [stop.as_raw_handle(), self.0.as_raw_handle()];
            let millis = limit.as_millis().try_into().unwrap();
            // SAFETY: there are two handles, open as long as they are borrowed.
            match unsafe { WaitForMultipleObjects(2, handles.as_ptr(), false.into(), millis) } {
                WAIT_OBJECT_0 => Waited::Stopped,
                1 => Waited::Taken, // WAIT_OBJECT_0 + 1
                WAIT_TIMEOUT => Waited::TimedOut,
                failed => panic!("the wait has failed: {failed}"),
            }
        }

        fn put(&self) {
            // SAFETY: the handle is open. The pointer may be null.
            let is_done = unsafe { ReleaseSemaphore(self.0.as_raw_handle(), 1, ptr::null_mut()) };
            assert_ne!(is_done, 0);
        }
    }

    #[test]
    fn before() {
        super::each_item_comes_once::<Handle>();
    }
}

struct Queue<P: Places> {
    free: P,
    used: P,
    stop: P::Stop,
    items: Mutex<VecDeque<u32>>,
}

impl<P: Places> Queue<P> {
    fn new(places: u16) -> Self {
        let (free, used) = (P::new(places, places), P::new(0, places));
        Self { free, used, stop: P::stop(), items: Mutex::default() }
    }

    fn push(&self, item: u32, limit: Duration) -> Waited {
        let waited = self.free.take(&self.stop, limit);
        if waited == Waited::Taken {
            self.items.lock().unwrap().push_back(item);
            self.used.put();
        }
        waited
    }

    fn pop(&self, limit: Duration) -> Result<u32, Waited> {
        let waited = self.used.take(&self.stop, limit);
        if waited != Waited::Taken {
            return Err(waited);
        }
        let item = self.items.lock().unwrap().pop_front();
        self.free.put();
        Ok(item.expect("there is one for each used place"))
    }
}

fn each_item_comes_once<P: Places>() {
    const LONG: Duration = Duration::from_secs(60);
    let queue = &Queue::<P>::new(4);
    for item in 0..4 {
        assert_eq!(queue.push(item, Duration::ZERO), Waited::Taken);
    }
    assert_eq!(queue.push(4, Duration::from_millis(5)), Waited::TimedOut);
    let items = thread::scope(|scope| {
        let consumers = [(); 2].map(|()| {
            scope.spawn(|| {
                let mut items = Vec::new();
                loop {
                    match queue.pop(LONG) {
                        Ok(item) => items.push(item),
                        Err(waited) => {
                            assert_eq!(waited, Waited::Stopped);
                            return items;
                        }
                    }
                }
            })
        });
        for item in 4..2000 {
            assert_eq!(queue.push(item, LONG), Waited::Taken);
        }
        while !queue.items.lock().unwrap().is_empty() {
            thread::yield_now();
        }
        P::set(&queue.stop);
        consumers.map(|consumer| consumer.join().unwrap())
    });
    let mut items = items.concat();
    items.sort_unstable();
    assert!(items.into_iter().eq(0..2000));
    assert_eq!(queue.pop(LONG), Err(Waited::Stopped));
    assert_eq!(queue.push(0, LONG), Waited::Stopped);
}

#[test]
fn after() {
    each_item_comes_once::<Semaphore>();
}
