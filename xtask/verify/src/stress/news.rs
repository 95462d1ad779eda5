//! Either event, as news of work that is found by looking.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use rsevents::EventState;

use super::form::Form;
use super::stage::Stage;
use crate::event::Event;

/// Reset, look, and wait only if there is nothing: the news must not go with the reset (contract 89).
pub(super) fn news<E: Event>(stage: &Stage) {
    /// The last news that there is.
    const END: u64 = u64::MAX;
    let event = stage.put("the event", E::from(EventState::Unset));
    let (newest, seen) = (AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        stage.enter(scope, "reader", |post, random| {
            while seen.load(Ordering::Relaxed) != END {
                post.reset(&*event);
                let found = newest.load(Ordering::Relaxed);
                if found == seen.load(Ordering::Relaxed) {
                    post.wait(&*event, Form::any(random));
                }
                seen.store(found, Ordering::Relaxed);
            }
        });
        stage.enter(scope, "writer", |post, random| {
            let publish = |news| {
                newest.store(news, Ordering::Relaxed);
                post.set(&*event);
            };
            let mut number = 0;
            loop {
                for _ in 0..random.u8(1..4) {
                    number += 1;
                    publish(number);
                }
                post.until(|| seen.load(Ordering::Relaxed) == number);
                post.end_round();
                if stage.is_over() {
                    break;
                }
            }
            publish(END);
        });
    });
}
