//! The events of Windows.

use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use windows_sys::Win32::Foundation::{WAIT_OBJECT_0, WAIT_TIMEOUT};
use windows_sys::Win32::System::Threading::{
    CreateEventW, INFINITE, ResetEvent, SetEvent, WaitForSingleObject,
};

use super::subject::Subject;
use crate::spec::Kind;

struct SystemEvent(OwnedHandle);

/// An event of the operating system's.
pub(super) fn system(kind: Kind, is_set: bool) -> Arc<dyn Subject> {
    let is_manual = (kind == Kind::Manual).into();
    // SAFETY: both pointers may be null: no security attributes, and no name.
    let handle = unsafe { CreateEventW(ptr::null(), is_manual, is_set.into(), ptr::null()) };
    assert!(!handle.is_null(), "CreateEventW failed");
    // SAFETY: the handle is valid, and nobody else has it.
    Arc::new(SystemEvent(unsafe { OwnedHandle::from_raw_handle(handle) }))
}

impl Subject for SystemEvent {
    fn set(&self) {
        // SAFETY: the handle is that of an event, and open as long as `self` lives.
        let done = unsafe { SetEvent(self.0.as_raw_handle()) };
        assert!(done != 0, "SetEvent failed");
    }

    fn reset(&self) {
        // SAFETY: as in `set`.
        let done = unsafe { ResetEvent(self.0.as_raw_handle()) };
        assert!(done != 0, "ResetEvent failed");
    }

    fn wait(&self, limit: Option<Duration>) -> bool {
        let milliseconds = limit.map_or(INFINITE, |limit| {
            u32::try_from(limit.as_millis()).expect("programs have no limits so long")
        });
        // SAFETY: as in `set`.
        match unsafe { WaitForSingleObject(self.0.as_raw_handle(), milliseconds) } {
            WAIT_OBJECT_0 => true,
            WAIT_TIMEOUT => false,
            other => panic!("WaitForSingleObject returned {other}"),
        }
    }
}
