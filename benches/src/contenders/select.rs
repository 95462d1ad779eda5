//! Futures of a wait each, and one that selects among them.

use futures::future::select_all;
use tokio::sync::Notify;

use super::{event_listener, events};
use crate::contender::{COALESCES, Contender, implement};
use crate::objects::{AsyncAuto, AsyncSeveral};

/// With a future of each, in a box: `select_all` polls all of them after each wake-up, until one is ready.
pub(crate) struct SelectAll<E>(Box<[E]>);

macro_rules! implement_all {
    ($($event:ty => $contender:expr),+ $(,)?) => {
        $(implement! {
            AsyncSeveral for SelectAll<$event> as all, $contender,
            new(objects: usize) = Self((0..objects).map(|_| <$event as AsyncAuto>::new()).collect()),
            set(nth: usize) = AsyncAuto::set(&all.0[nth]),
            waiter -> impl AsyncFnMut() -> usize = async || {
                let waits = all.0.iter().map(|event| Box::pin(AsyncAuto::wait_async(event)));
                let ((), nth, _others) = select_all(waits).await;
                nth
            },
        })+
    };
}

implement_all! {
    rsevents::AutoResetEvent => Contender::new("rsevents-select_all", "rsevents, futures select_all")
        .from("rsevents"),
    Notify => Contender::new("tokio-notify-select_all", "tokio Notify, futures select_all")
        .from("tokio"),
    event_listener::OnStack => Contender::new(
        "event-listener-select_all",
        "event-listener + AtomicBool, listeners not boxed, futures select_all",
    )
    .from("event_listener")
    .lacking(&[COALESCES]),
    events::AutoResetEvent => Contender::new("events-select_all", "events, futures select_all")
        .from("events"),
}

pub(crate) type OfOurs = SelectAll<rsevents::AutoResetEvent>;
pub(crate) type OfNotify = SelectAll<Notify>;
pub(crate) type OfListeners = SelectAll<event_listener::OnStack>;
pub(crate) type OfEvents = SelectAll<events::AutoResetEvent>;

/// With a future of each, in the place of the task: for two.
pub(crate) struct OfTwo([Notify; 2]);

implement! {
    AsyncSeveral for OfTwo as events,
    Contender::new("tokio-notify-select", "tokio Notify, tokio select! (biased)").from("tokio"),
    new(objects: usize) = {
        assert_eq!(objects, 2);
        Self([Notify::new(), Notify::new()])
    },
    set(nth: usize) = events.0[nth].notify_one(),
    waiter -> impl AsyncFnMut() -> usize = async || {
        tokio::select! {
            biased;
            () = events.0[0].notified() => 0,
            () = events.0[1].notified() => 1,
        }
    },
}
