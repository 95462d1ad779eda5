//! A bounded number of worker threads for a list of items.

use std::iter;
use std::sync::Mutex;
use std::thread;

use anyhow::Result;

/// Calls `work` with every item, on `workers` threads. Returns the results in the order in which they came,
/// or the first error.
pub(crate) fn each<I: IntoIterator, R: Send>(
    items: I,
    workers: usize,
    work: impl Fn(I::Item) -> Result<R> + Sync,
) -> Result<Vec<R>>
where
    I::IntoIter: Send,
{
    let queue = Mutex::new(items.into_iter());
    let worker = || -> Result<Vec<R>> {
        let items = iter::from_fn(|| queue.lock().unwrap().next());
        items.map(&work).collect()
    };
    let mut results = Vec::new();
    thread::scope(|scope| -> Result<()> {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        for worker in workers {
            results.extend(worker.join().unwrap()?);
        }
        Ok(())
    })?;
    Ok(results)
}
