//! The events and semaphores of Windows.

use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use std::sync::Arc;

use windows_sys::Win32::Foundation::{HANDLE, WAIT_OBJECT_0, WAIT_TIMEOUT};
use windows_sys::Win32::System::Threading::{
    CreateEventW, CreateSemaphoreW, INFINITE, ReleaseSemaphore, ResetEvent, SetEvent,
    WaitForMultipleObjects, WaitForSingleObject,
};

use super::{Model, Subject};
use crate::event::Kind;
use crate::op::Answer;
use crate::op::several::{OneModel, Operation, numbers};
use crate::wait::WaitKind;

/// Objects of the operating system.
pub(super) fn system(model: &Model) -> Subject {
    let objects: Vec<_> = model.objects().iter().map(One::new).collect();
    Arc::new(move |operation| perform(&objects, operation))
}

struct One {
    handle: OwnedHandle,
    is_semaphore: bool,
}

impl One {
    fn new(model: &OneModel) -> Self {
        let handle = match model {
            OneModel::Event(event) => {
                let is_manual = (event.kind == Kind::Manual).into();
                // SAFETY: both pointers may be null: no security attributes, and no name.
                unsafe { CreateEventW(ptr::null(), is_manual, event.is_set.into(), ptr::null()) }
            }
            &OneModel::Permits(permits) => {
                // SAFETY: as above.
                unsafe { CreateSemaphoreW(ptr::null(), permits.into(), i32::MAX, ptr::null()) }
            }
        };
        assert!(!handle.is_null(), "the object cannot be made");
        // SAFETY: the handle is valid, and owned by nothing else.
        let handle = unsafe { OwnedHandle::from_raw_handle(handle) };
        Self { handle, is_semaphore: matches!(model, OneModel::Permits(_)) }
    }

    fn set(&self) {
        let handle = self.handle.as_raw_handle();
        let is_done = if self.is_semaphore {
            // SAFETY: the handle is that of a semaphore, and open while `self` lives. The pointer may be null.
            unsafe { ReleaseSemaphore(handle, 1, ptr::null_mut()) }
        } else {
            // SAFETY: the handle is that of an event, and open while `self` lives.
            unsafe { SetEvent(handle) }
        };
        assert!(is_done != 0, "the set failed");
    }

    fn reset(&self) {
        // SAFETY: the handle is open while `self` lives. The call fails if it is not that of an event.
        let is_done = unsafe { ResetEvent(self.handle.as_raw_handle()) };
        assert!(is_done != 0, "the reset failed");
    }
}

fn perform(objects: &[One], operation: Operation) -> Answer {
    let object = |number: usize| &objects[number - 1];
    match operation {
        Operation::Set(number) => {
            object(number).set();
            Answer::Done
        }
        Operation::Reset(number) => {
            object(number).reset();
            Answer::Done
        }
        Operation::Wait(number, kind) => {
            let handle = object(number).handle.as_raw_handle();
            // SAFETY: the handle is that of an object to wait for, and open while the object lives.
            let result = unsafe { WaitForSingleObject(handle, milliseconds(kind)) };
            Answer::Is(place(result).is_some())
        }
        Operation::WaitAny(list, kind) => {
            wait_for_several(objects, list, kind, false).map_or(Answer::Is(false), Answer::Number)
        }
        Operation::WaitAll(list, kind) => {
            Answer::Is(wait_for_several(objects, list, kind, true).is_some())
        }
        Operation::IsSet(_) => unreachable!("Windows cannot tell without taking it"),
    }
}

fn wait_for_several(objects: &[One], list: usize, kind: WaitKind, all: bool) -> Option<usize> {
    let handle = |number: usize| objects[number - 1].handle.as_raw_handle();
    let handles: Vec<HANDLE> = numbers(list).map(handle).collect();
    let count = u32::try_from(handles.len()).expect("a list of few");
    // SAFETY: the pointer is to as many handles, each of them as above.
    let result =
        unsafe { WaitForMultipleObjects(count, handles.as_ptr(), all.into(), milliseconds(kind)) };
    let place = place(result)?;
    assert!(all || place < handles.len(), "a wait returned {result}");
    Some(place)
}

fn milliseconds(kind: WaitKind) -> u32 {
    kind.limit().map_or(INFINITE, |limit| {
        u32::try_from(limit.as_millis()).expect("programs have no limits so long")
    })
}

/// The place of the object that a wait has returned. `None` if it has timed out.
fn place(result: u32) -> Option<usize> {
    /// The objects of one wait that Windows can tell apart.
    const MOST: u32 = 64;
    match result {
        WAIT_TIMEOUT => None,
        _ if result - WAIT_OBJECT_0 < MOST => usize::try_from(result - WAIT_OBJECT_0).ok(),
        _ => panic!("a wait returned {result}"),
    }
}
