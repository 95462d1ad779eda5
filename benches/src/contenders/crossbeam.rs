//! crossbeam's channel, parker and wait group.

use std::sync::Mutex;

use crossbeam_channel::{Receiver, Select, Sender, bounded};
use crossbeam_utils::sync::{Parker, Unparker, WaitGroup};

use crate::contender::{BARGING, COALESCES, Contender, ONE_WAITER, implement};
use crate::objects::{Auto, Countdown, Pair, Semaphore, Several};

const CHANNEL: Contender = Contender::new("crossbeam-channel", "crossbeam bounded channel")
    .from("crossbeam_channel")
    .absent_from(&["scale"]);
const SELECT: Contender =
    Contender::new("crossbeam-select", "crossbeam Select (biased, ready) over bounded channels")
        .from("crossbeam_channel")
        .lacking(&[BARGING, "another thread may receive between ready and try_recv"]);
const PARKER: Contender = Contender::new("crossbeam-parker", "crossbeam Parker")
    .from("crossbeam_utils")
    .lacking(&[ONE_WAITER]);
const WAIT_GROUP: Contender = Contender::new("crossbeam-waitgroup", "crossbeam WaitGroup")
    .from("crossbeam_utils")
    .lacking(&["a tick drops a handle, of which there must be as many as ticks"])
    .absent_from(&["scale"]);

/// Holds a message for a set event, or one for each available permit.
pub(crate) type Channel = (Sender<()>, Receiver<()>);

implement! {
    Auto for Channel as event, CHANNEL.lacking(&[BARGING, COALESCES]),
    new() = bounded(1),
    set = {
        let _full_is_set_already = event.0.try_send(());
    },
    wait = event.1.recv().unwrap(),
    wait0 -> bool = event.1.try_recv().is_ok(),
}

implement! {
    Semaphore for Channel as semaphore, CHANNEL,
    new(permits: u16) = {
        let (sender, receiver) = bounded(permits.into());
        (0..permits).for_each(|_| sender.send(()).unwrap());
        (sender, receiver)
    },
    with_permit(work: impl FnOnce()) = {
        semaphore.1.recv().unwrap();
        work();
        semaphore.0.send(()).unwrap();
    },
}

pub(crate) type Channels = Box<[Channel]>;

implement! {
    Several for Channels as events, SELECT,
    new(objects: usize) = (0..objects).map(|_| bounded(1)).collect(),
    set(nth: usize) = Auto::set(&events[nth]),
    waiter -> impl FnMut() -> usize = {
        let mut select = Select::new_biased();
        for (_, receiver) in events {
            select.recv(receiver);
        }
        move || loop {
            let nth = select.ready();
            if events[nth].wait0() {
                return nth;
            }
        }
    },
}

pub(crate) struct Parking;

impl Pair for Parking {
    const CONTENDER: Contender = PARKER;
    type Setter = Unparker;
    type Waiter = Parker;

    fn pair() -> (Unparker, Parker) {
        let parker = Parker::new();
        (parker.unparker().clone(), parker)
    }

    fn set(setter: &Unparker) {
        setter.unpark();
    }

    fn wait(waiter: &Parker) {
        waiter.park();
    }
}

/// One handle for each tick that is left, and one for the thread that waits.
pub(crate) struct Handles {
    ticks: Mutex<Vec<WaitGroup>>,
    waiter: Mutex<Option<WaitGroup>>,
}

impl Countdown for Handles {
    const CONTENDER: Contender = WAIT_GROUP;

    fn new(ticks: usize) -> Self {
        let group = WaitGroup::new();
        Self { ticks: Mutex::new(vec![group.clone(); ticks]), waiter: Mutex::new(Some(group)) }
    }

    fn tick(&self) {
        self.tick_times(1);
    }

    /// Takes its handles first, so that a tick is the drop of one.
    fn tick_times(&self, ticks: usize) {
        let mine = {
            let mut handles = self.ticks.lock().unwrap();
            let rest = handles.len() - ticks;
            handles.split_off(rest)
        };
        mine.into_iter().for_each(drop);
    }

    fn wait(&self) {
        let group = self.waiter.lock().unwrap().take();
        group.unwrap().wait();
    }
}
