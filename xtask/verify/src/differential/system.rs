//! The events of Windows.

use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use std::sync::Arc;

use windows_sys::Win32::Foundation::{WAIT_OBJECT_0, WAIT_TIMEOUT};
use windows_sys::Win32::System::Threading::{
    CreateEventW, INFINITE, ResetEvent, SetEvent, WaitForSingleObject,
};

use super::Subject;
use crate::event::Kind;
use crate::op::Operation as _;
use crate::op::event::{EventModel, Operation};

/// An event of the operating system.
pub(super) fn system(model: &EventModel) -> Subject {
    let is_manual = (model.kind == Kind::Manual).into();
    // SAFETY: both pointers may be null: no security attributes, and no name.
    let handle = unsafe { CreateEventW(ptr::null(), is_manual, model.is_set.into(), ptr::null()) };
    assert!(!handle.is_null(), "CreateEventW failed");
    // SAFETY: the handle is valid, and owned by nothing else.
    let event = unsafe { OwnedHandle::from_raw_handle(handle) };
    Arc::new(move |operation| perform(&event, operation))
}

fn perform(event: &OwnedHandle, operation: Operation) -> bool {
    let handle = event.as_raw_handle();
    let is_done = match operation {
        // SAFETY: the handle is that of an event, and open while `event` lives.
        Operation::Set => unsafe { SetEvent(handle) },
        // SAFETY: as above.
        Operation::Reset => unsafe { ResetEvent(handle) },
        _ => {
            let kind = operation.wait().expect("programs set, reset and wait");
            let milliseconds = kind.limit().map_or(INFINITE, |limit| {
                u32::try_from(limit.as_millis()).expect("programs have no limits so long")
            });
            // SAFETY: as above.
            return match unsafe { WaitForSingleObject(handle, milliseconds) } {
                WAIT_OBJECT_0 => true,
                WAIT_TIMEOUT => false,
                other => panic!("WaitForSingleObject returned {other}"),
            };
        }
    };
    assert!(is_done != 0, "{operation:?} failed");
    true
}
