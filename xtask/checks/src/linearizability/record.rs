//! Running programs on real objects and writing down what happens.
//!
//! A batch of histories is run by the same threads, which meet between histories. Nothing is checked
//! meanwhile, so that they have the processors to themselves.

mod batch;
mod conductor;
mod slot;

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use fastrand::Rng;

use self::batch::Batch;
use self::conductor::Conductor;
use super::history::Answer;
use super::program::Generator;
use super::search::{HistoryOf, Spec};

/// A real object.
pub trait Subject: Sized + Send + Sync + 'static {
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
/// If one of the threads panicked.
pub fn record<S: Subject>(
    histories: usize,
    threads: usize,
    patience: Duration,
    random: &mut Rng,
) -> Result<Vec<Recorded<S>>, Box<Recorded<S>>> {
    let batch = Arc::new(Batch::<S>::random(histories, threads, random));
    let workers = spawn(&batch);
    let mut conductor = Conductor::new(batch);
    conductor.supervise(patience)?;
    for worker in workers {
        worker.join().expect("a thread of the history panicked");
    }
    conductor.look_at_the_end();
    Ok((0..histories).map(|index| conductor.history(index)).collect())
}

fn spawn<S: Subject>(batch: &Arc<Batch<S>>) -> Vec<JoinHandle<()>> {
    let spawn = |thread| {
        let batch = Arc::clone(batch);
        thread::spawn(move || batch.work(thread))
    };
    (0..batch.threads).map(spawn).collect()
}
