//! Running programs on real objects and writing down what happens.
//!
//! A batch of histories is run by the same threads, which meet before each. Nothing is checked meanwhile, so
//! that they have the processors to themselves.

mod batch;
mod conductor;
mod slot;
mod supervisor;

use std::sync::Arc;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use fastrand::Rng;

use self::batch::{Batch, Run};
use self::conductor::Conductor;
use self::supervisor::supervise;
use super::history::Answer;
use super::program::Generator;
use super::search::{HistoryOf, Spec};

/// A real object.
pub(crate) trait Subject: Sized + Send + Sync + 'static {
    /// What it should be like.
    type Model: Generator;
    /// What a thread has of it between calls.
    type Held<'a>: Default;

    /// What is the same for all objects of the type.
    const SETTING: <Self::Model as Generator>::Setting;

    /// One that is like the model.
    fn new(model: &Self::Model) -> Self;

    /// Makes a call. `None` if there is nothing to call it with, or on.
    fn perform<'a>(
        &'a self,
        operation: OperationOf<Self>,
        held: &mut Self::Held<'a>,
    ) -> Option<Answer>;

    /// Makes the object available to at least one of those who wait for it and do nothing else, if it is
    /// not.
    fn rescue(pending: &[OperationOf<Self>], perform: impl FnMut(OperationOf<Self>) -> Answer);
}

/// The name of the thread whose calls are the conductor's.
const CONDUCTOR_NAME: &str = "conductor";

type OperationOf<S> = <<S as Subject>::Model as Spec>::Operation;
type Recorded<S> = HistoryOf<<S as Subject>::Model>;

/// Makes so many histories of so many threads each. If one does not go on for as long as `patience`,
/// returns that one, and its threads are lost.
///
/// # Errors
///
/// The history with the calls that did not return.
///
/// # Panics
///
/// If one of the threads panicked, or cannot be made.
pub(crate) fn record<S: Subject>(
    histories: usize,
    threads: usize,
    patience: Duration,
    random: &mut Rng,
) -> Result<Vec<Recorded<S>>, Box<Recorded<S>>> {
    let batch = Arc::new(Batch::<S>::random(histories, threads, random));
    // Nothing is ever sent: the end that the conductor has is dropped when it is done or has panicked.
    let (done, over) = mpsc::channel();
    let conduct = move |batch: &Batch<S>| {
        let _done = done;
        Conductor::new(batch).conduct();
    };
    let mut all = vec![spawn(CONDUCTOR_NAME, &batch, conduct)];
    all.extend((0..threads).map(|thread| spawn("worker", &batch, move |batch| batch.work(thread))));
    supervise(&batch, &over, patience)?;
    for thread in all {
        thread.join().expect("a thread of the history panicked");
    }
    Ok(batch.runs.iter().map(Run::history).collect())
}

/// A thread that outlives this one if it has to.
fn spawn<S: Subject>(
    name: &str,
    batch: &Arc<Batch<S>>,
    work: impl FnOnce(&Batch<S>) + Send + 'static,
) -> JoinHandle<()> {
    let batch = Arc::clone(batch);
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(move || work(&batch)).expect("threads can be made")
}
