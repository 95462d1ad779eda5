//! Ships lines of a log in batches: when there are enough lines, or when the oldest has waited for long enough.
//! Threads and tasks write lines, one thread ships them, and at the end none is lost. The server that gets them is
//! part of the example.

use std::error::Error;
use std::io::{self, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use rsevents::{AutoResetEvent, EventState, ManualResetEvent, wait_any_for};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// So many lines are shipped at once, if they come quickly.
const ENOUGH: usize = 16;
/// So long a line waits at most before it is shipped.
const LONG_ENOUGH: Duration = Duration::from_millis(20);

const THREADS: usize = 2;
const TASKS: usize = 3;
const LINES_OF_EACH: usize = 100;

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// There are enough lines.
static FULL: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
/// There will be no more lines.
static STOP: ManualResetEvent = ManualResetEvent::new(EventState::Unset);

/// Does not wait for the network.
fn log(line: String) {
    let mut lines = LINES.lock().unwrap();
    lines.push(line + "\n");
    let is_full = lines.len() >= ENOUGH;
    drop(lines);
    if is_full {
        FULL.set();
    }
}

/// How many batches were shipped for which reason.
#[derive(Debug, Default)]
struct Batches {
    full: usize,
    old: usize,
    last: usize,
}

fn ship(mut server: TcpStream) -> io::Result<Batches> {
    let mut batches = Batches::default();
    loop {
        let signal = wait_any_for(&[&FULL, &STOP], LONG_ENOUGH);
        let lines = std::mem::take(&mut *LINES.lock().unwrap());
        if !lines.is_empty() {
            server.write_all(lines.concat().as_bytes())?;
            match signal {
                Some(0) => batches.full += 1,
                Some(_) => batches.last += 1,
                None => batches.old += 1,
            }
        }
        // What was logged before the stop was there when the lines were taken.
        if signal == Some(1) {
            return Ok(batches);
        }
    }
}

/// The lines that come in, in order.
async fn serve(listener: TcpListener) -> io::Result<Vec<String>> {
    let (client, _) = listener.accept().await?;
    let (mut lines, mut received) = (BufReader::new(client).lines(), Vec::new());
    while let Some(line) = lines.next_line().await? {
        received.push(line);
    }
    Ok(received)
}

fn line(writer: usize, number: usize) -> String {
    format!("writer {writer}, line {number}")
}

fn write_in_thread(writer: usize) {
    for number in 0..LINES_OF_EACH {
        log(line(writer, number)); // as fast as it can
    }
}

async fn write_in_task(writer: usize) {
    for number in 0..LINES_OF_EACH {
        log(line(writer, number));
        sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(serve(listener));
    let shipper = thread::spawn(move || ship(TcpStream::connect(address)?));

    let mut writers = JoinSet::new();
    for writer in 0..THREADS {
        writers.spawn_blocking(move || write_in_thread(writer));
    }
    for writer in THREADS..THREADS + TASKS {
        writers.spawn(write_in_task(writer));
    }
    writers.join_all().await;
    STOP.set();
    let shipped = tokio::task::spawn_blocking(|| shipper.join().unwrap()).await??;
    let received = server.await??;

    for writer in 0..THREADS + TASKS {
        let prefix = format!("writer {writer},");
        let lines = received.iter().filter(|line| line.starts_with(&prefix)).cloned();
        assert!(lines.eq((0..LINES_OF_EACH).map(|number| line(writer, number))));
    }
    assert_eq!(received.len(), (THREADS + TASKS) * LINES_OF_EACH);
    println!("{} lines received, each once and in order, in {shipped:?}", received.len());
    Ok(())
}
