//! A semaphore limits how many tasks, or tasks and threads, are in a section at once.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use crossbeam_utils::CachePadded;
use tokio::runtime::{Builder, Runtime};

use super::semaphore::section;
use crate::bench::{Bench, Row};
use crate::contenders::each;
use crate::measure::{Stopwatch, Taken};
use crate::objects::AsyncSemaphore;
use crate::placement::Placement;
use crate::workers::{Work, Workers};

const ABOUT: &str = "\
Tasks (the first number) on two threads of a tokio runtime share permits (the second) to go through a section of about
200 ns, over and over: the time of one passage. A task yields once with its permit in hand, as one that waits for
something else does, so that others run and ask for it. In the mixed rows, half of them are threads, which do not
yield.";

const TASKS_AND_PERMITS: [(usize, u16); 3] = [(2, 1), (8, 2), (64, 4)];

pub(super) fn run(bench: &mut Bench) {
    bench.scenario("async_semaphore", "Semaphore as a limiter of tasks", ABOUT);
    for (all, permits) in TASKS_AND_PERMITS {
        let plural = if permits == 1 { "" } else { "s" };
        let title = format!("{all} tasks, {permits} permit{plural}");
        let row = &mut bench.row(&format!("{all}x{permits}"), &title);
        each!(async_semaphore: measure(row, &Limited::new(all, 0, permits)));
    }
    for (all, permits) in TASKS_AND_PERMITS {
        let half = all / 2;
        let plural = if permits == 1 { "" } else { "s" };
        let title = format!("{half} tasks and {half} threads, {permits} permit{plural}");
        let row = &mut bench.row(&format!("{all}x{permits}_mixed"), &title);
        each!(async_semaphore: measure(row, &Limited::new(half, half, permits)));
    }
}

/// Those that want the permits.
struct Limited {
    tasks: usize,
    permits: u16,
    /// The threads, and one that starts the tasks and waits for them.
    workers: Workers,
}

impl Limited {
    fn new(tasks: usize, threads: usize, permits: u16) -> Self {
        Self { tasks, permits, workers: Workers::new(1 + threads, Placement::Free) }
    }
}

fn measure<S: AsyncSemaphore>(row: &mut Row<'_>, limited: &Limited) {
    section(); // calibrates it
    let mut runtime = None; // only if it is measured
    row.measure(S::CONTENDER, |times| {
        let runtime = runtime.get_or_insert_with(|| {
            Arc::new(Builder::new_multi_thread().worker_threads(2).build().unwrap())
        });
        let Limited { tasks, permits, workers } = limited;
        let threads = workers.size - 1;
        let all = (tasks + threads) as u64;
        let each = times.div_ceil(all);
        let semaphore = Arc::new(CachePadded::new(S::new(*permits)));
        let tasks = tasks_work(Arc::clone(runtime), *tasks, each, &semaphore);
        let threads = (0..threads).map(|_| {
            let semaphore = Arc::clone(&semaphore);
            Box::new(move || (0..each).for_each(|_| semaphore.with_permit(section))) as Work
        });
        let watch = Stopwatch::start();
        let taken = workers.run([tasks].into_iter().chain(threads));
        // With the processor time of the runtime's threads.
        Taken { cpu: watch.stop().cpu, ..taken }.scaled(times, each * all)
    });
}

/// Runs `size` tasks, until all have gone through the section `each` times.
fn tasks_work<S: AsyncSemaphore>(
    runtime: Arc<Runtime>,
    size: usize,
    each: u64,
    semaphore: &Arc<CachePadded<S>>,
) -> Work {
    let semaphore = Arc::clone(semaphore);
    Box::new(move || {
        let task = |_| {
            let semaphore = Arc::clone(&semaphore);
            runtime.spawn(async move {
                for _ in 0..each {
                    let _permit = semaphore.acquire_async().await;
                    section();
                    yield_once().await;
                }
            })
        };
        let tasks: Vec<_> = (0..size).map(task).collect();
        runtime.block_on(async {
            for task in tasks {
                task.await.unwrap();
            }
        });
    })
}

/// Lets other tasks run.
async fn yield_once() {
    let mut has_yielded = false;
    poll_fn(|context| {
        if has_yielded {
            return Poll::Ready(());
        }
        has_yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
