//! The byte's steps over a plain list under a lock: the protocol without the table and its entries.

use std::collections::VecDeque;

use super::program::Subject;
use crate::Wait as Future;
use crate::queue::Claim;
use crate::raw::RawEvent;
use crate::raw::byte::tests::front;
use crate::raw::byte::{self, Delivery, QUEUED, UNSET};
use crate::state::EventState;
use crate::sync::testing::{Arc, yield_now};
use crate::sync::{AtomicU8, Mutex, MutexGuard, Ordering};

/// An auto event.
pub(super) struct PlainEvent {
    /// Steps without the lock are the real ones.
    raw: RawEvent,
    queue: Mutex<VecDeque<Arc<Wait>>>,
}

struct Wait {
    claim: AtomicU8,
    is_callable: bool,
}

impl PlainEvent {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<Wait>>> {
        self.queue.lock().expect("no scenario panics in here")
    }

    /// As [`RawEvent::wait_for_set`], but the overtaken are called again and again, and a sleep is a loop.
    fn wait(&self, may_expire: bool) -> bool {
        let wait = {
            let mut queue = self.lock();
            let pass_or_queue = |byte| byte::barge(byte).unwrap_or(byte | QUEUED);
            if byte::barge(self.raw.state.acquire(UNSET, pass_or_queue)).is_some() {
                return true;
            }
            let claim = AtomicU8::new(Claim::Open as u8);
            queue.push_back(Arc::new(Wait { claim, is_callable: true }));
            Arc::clone(queue.back().expect("just pushed"))
        };
        self.sleep(wait, may_expire)
    }

    fn sleep(&self, mut wait: Arc<Wait>, may_expire: bool) -> bool {
        loop {
            let claim = wait.claim.load(Ordering::Acquire);
            if claim == Claim::Won as u8 {
                return true;
            }
            let mut queue = self.lock();
            if claim == Claim::Called as u8 {
                let answer_or_requeue = |byte| byte::answer(byte).unwrap_or(byte::requeue(byte));
                let before = self.raw.state.acquire(byte::BARGED, answer_or_requeue);
                if byte::answer(before).is_some() {
                    return true;
                }
                let claim = AtomicU8::new(Claim::Open as u8);
                wait = Arc::new(Wait { claim, is_callable: false });
                queue.push_front(Arc::clone(&wait));
            } else if may_expire {
                let place = queue.iter().position(|other| Arc::ptr_eq(other, &wait));
                let Some(place) = place else { continue };
                drop(queue.remove(place));
                let expire = |byte| byte::expire(byte, queue.is_empty());
                let before = self.raw.state.acquire(QUEUED, |byte| expire(byte).0);
                return expire(before).1;
            }
            drop(queue);
            yield_now();
        }
    }

    fn deliver(&self) {
        if self
            .raw
            .state
            .try_update(byte::BARGED | QUEUED, Ordering::Release, byte::deliver_without_lock)
            .is_ok()
        {
            return;
        }
        let mut queue = self.lock();
        let is_callable = queue.front().is_some_and(|wait| wait.is_callable);
        let front = front(queue.len(), is_callable);
        let deliver = |byte| byte::deliver(byte, front, false);
        let before = self.raw.state.update(QUEUED, Ordering::Release, |byte| deliver(byte).0);
        let claim = match deliver(before).1 {
            Delivery::Stored => return,
            Delivery::Called => Claim::Called,
            Delivery::HandedOff => Claim::Won,
        };
        let front = queue.pop_front().expect("not empty");
        front.claim.store(claim as u8, Ordering::Release);
    }
}

impl Subject for PlainEvent {
    fn unset() -> Self {
        Self { raw: RawEvent::new(EventState::Unset), queue: Mutex::new(VecDeque::new()) }
    }
    fn set(&self) {
        if !self.raw.set_if_free() {
            self.deliver();
        }
    }
    fn reset(&self) {
        self.raw.reset_auto();
    }
    fn wait(&self) {
        assert!(self.raw.try_take().is_ok() || self.wait(false));
    }
    fn wait_soon(&self) -> bool {
        self.raw.try_take().is_ok() || self.wait(true)
    }
    fn wait_for_zero(&self) -> bool {
        self.raw.try_take().is_ok() || byte::is_set(self.raw.state.acquire(UNSET, byte::reset))
    }
    fn wait0(&self) -> bool {
        self.raw.try_wait_auto()
    }
    fn is_set(&self) -> bool {
        self.raw.is_set_auto()
    }
    fn wait_async(&self) -> Future<'_> {
        unreachable!("its programs have no tasks")
    }
    fn inspect(&self) -> (usize, u8) {
        let queue = self.lock();
        (queue.len(), self.raw.state.load(Ordering::Relaxed))
    }
}
