//! Work on several things at once.

use std::iter;
use std::sync::Mutex;
use std::thread;

use anyhow::Result;

/// Calls `work` with every item, `jobs` of them at once. Returns the results in the order in which
/// they came.
pub(crate) fn each<'a, T: Sync, R: Send>(
    items: &'a [T],
    jobs: usize,
    work: impl Fn(&'a T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let queue = Mutex::new(items.iter());
    let worker = || -> Result<Vec<R>> {
        let items = iter::from_fn(|| queue.lock().unwrap().next());
        items.map(&work).collect()
    };
    let mut results = Vec::new();
    thread::scope(|scope| -> Result<()> {
        let workers: Vec<_> = (0..jobs).map(|_| scope.spawn(worker)).collect();
        for worker in workers {
            results.extend(worker.join().unwrap()?);
        }
        Ok(())
    })?;
    Ok(results)
}

#[cfg(test)]
mod tests {
    use anyhow::ensure;

    use super::each;

    #[test]
    fn every_item_is_worked_on_once() {
        let items: Vec<u32> = (0..100).collect();
        let mut doubled = each(&items, 3, |item| Ok(2 * item)).unwrap();
        doubled.sort_unstable();
        assert!(doubled.into_iter().eq((0..100).map(|item| 2 * item)));
    }

    #[test]
    fn first_error_is_the_result() {
        let work = |item: &u32| -> anyhow::Result<()> {
            ensure!(*item != 2, "two");
            Ok(())
        };
        assert_eq!(each(&[1, 2, 3], 2, work).unwrap_err().to_string(), "two");
    }
}
