//! A producer and two consumers with a bounded buffer, as they are written for Win32: semaphores count the free and
//! the used slots, and an event stops all three threads. Each waits for its semaphore or the event, and in the end
//! all three are waited for. A comment that begins with `C:` is what the line below it is in C.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use rsevents::{EventState, ManualResetEvent, wait_all_for, wait_any, wait_any_for};
use rsevents_extra::Semaphore;

const SLOTS: u16 = 4;

// C: HANDLE free = CreateSemaphore(NULL, SLOTS, SLOTS, NULL);
static FREE: Semaphore = Semaphore::new(SLOTS, SLOTS);
// C: HANDLE used = CreateSemaphore(NULL, 0, SLOTS, NULL);
static USED: Semaphore = Semaphore::new(0, SLOTS);
// C: HANDLE stop = CreateEvent(NULL, TRUE, FALSE, NULL);
static STOP: ManualResetEvent = ManualResetEvent::new(EventState::Unset);
/// In C, the handle of a thread is such an object, which is set when the thread ends.
static ENDED: [ManualResetEvent; 3] = [const { ManualResetEvent::new(EventState::Unset) }; 3];
// C: InitializeCriticalSection(&lock);
static BUFFER: Mutex<VecDeque<u32>> = Mutex::new(VecDeque::new());

/// Produces numbers until it is stopped. Returns how many.
fn produce() -> u32 {
    let mut number = 0;
    // C: HANDLE handles[] = { stop, free };
    let slot = FREE.request(1);
    // C: while (WaitForMultipleObjects(2, handles, FALSE, INFINITE) == WAIT_OBJECT_0 + 1) {
    while wait_any(&[&STOP, &slot]) == 1 {
        // The guard would give the slot back here. A consumer does.
        slot.take().unwrap().forget();
        // C: EnterCriticalSection(&lock); ... LeaveCriticalSection(&lock);
        BUFFER.lock().unwrap().push_back(number);
        // C: ReleaseSemaphore(used, 1, NULL);
        USED.release(1);
        number += 1;
    }
    number
}

/// Consumes numbers until it is stopped. Returns them.
fn consume() -> Vec<u32> {
    let mut numbers = Vec::new();
    // C: HANDLE handles[] = { stop, used };
    let item = USED.request(1);
    loop {
        // C: switch (WaitForMultipleObjects(2, handles, FALSE, 500)) {
        match wait_any_for(&[&STOP, &item], Duration::from_millis(500)) {
            // C: case WAIT_OBJECT_0:
            Some(0) => return numbers,
            // C: case WAIT_OBJECT_0 + 1:
            Some(_) => {
                item.take().unwrap().forget();
                // C: EnterCriticalSection(&lock); ... LeaveCriticalSection(&lock);
                let number = BUFFER.lock().unwrap().pop_front();
                numbers.push(number.expect("as many as slots are used"));
                // C: ReleaseSemaphore(free, 1, NULL);
                FREE.release(1);
                // C: Sleep(1);
                thread::sleep(Duration::from_millis(1));
            }
            // C: case WAIT_TIMEOUT:
            None => println!("there was nothing to consume for half a second"),
        }
    }
}

fn main() {
    // C: HANDLE threads[] = { CreateThread(NULL, 0, produce, NULL, 0, NULL), ... };
    let producer = thread::spawn(|| {
        let produced = produce();
        ENDED[0].set();
        produced
    });
    let consumers = [&ENDED[1], &ENDED[2]].map(|ended| {
        thread::spawn(|| {
            let consumed = consume();
            ended.set();
            consumed
        })
    });
    thread::sleep(Duration::from_millis(200));
    // C: SetEvent(stop);
    STOP.set();
    // C: while (WaitForMultipleObjects(3, threads, TRUE, 1000) == WAIT_TIMEOUT) {
    while !wait_all_for(&[&ENDED[0], &ENDED[1], &ENDED[2]], Duration::from_secs(1)) {
        println!("not all threads have ended yet");
    }
    let produced = producer.join().unwrap();
    let consumed = consumers.map(|consumer| consumer.join().unwrap());

    let left: Vec<u32> = BUFFER.lock().unwrap().drain(..).collect();
    assert_eq!(usize::from(USED.count()), left.len());
    assert_eq!(FREE.count() + USED.count(), SLOTS, "each slot is free or used");
    let [first, second] = consumed;
    println!(
        "{produced} numbers: {} + {} consumed, {} left",
        first.len(),
        second.len(),
        left.len()
    );
    let mut numbers = [first, second, left].concat();
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(0..produced), "each number exactly once");
}
