//! Downloads over TCP with progress bars. A semaphore says how many run at once, and its width changes meanwhile.
//! Ctrl-C ends it early: the downloads that run are completed, and no others begin. `download 10` ends after ten in
//! the same way.
//!
//! The server is part of the example, and counts its connections.

use std::collections::VecDeque;
use std::error::Error;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Mutex;
use std::time::Duration;
use std::{env, process, thread};

use indicatif::{MultiProgress, ProgressBar};
use rsevents::{Awaitable, EventState, ManualResetEvent, OneOf2, Several, wait_any_for};
use rsevents_extra::{CountdownEvent, CountdownTicket, Semaphore};

const FILES: usize = 48;
const THREADS: usize = 8;
const NARROW: u16 = 2;
const WIDE: u16 = 6;

/// Permits to download. Starts narrow.
static WIDTH: Semaphore = Semaphore::new(NARROW, WIDE);
/// No download begins any more.
static STOP: ManualResetEvent = ManualResetEvent::new(EventState::Unset);
/// The downloads that have not ended, begun or not. Zero when all have.
static LEFT: CountdownEvent = CountdownEvent::new(FILES);

/// The server's open connections, and the most that were open at once.
static CONNECTIONS: Mutex<(usize, usize)> = Mutex::new((0, 0));

/// The most connections at once since the last call.
fn most_at_once() -> usize {
    let mut connections = CONNECTIONS.lock().unwrap();
    let now = connections.0;
    std::mem::replace(&mut connections.1, now)
}

fn content(number: usize) -> Vec<u8> {
    format!("this is file {number}\n").repeat(100 * (1 + number)).into_bytes()
}

/// Answers a line with the number of a file by the file, in pieces. An empty line ends the server.
fn serve(listener: &TcpListener) -> io::Result<()> {
    thread::scope(|connections| {
        loop {
            let (mut client, _) = listener.accept()?;
            let mut line = String::new();
            BufReader::new(&client).read_line(&mut line)?;
            let Ok(number) = line.trim_end().parse() else { return Ok(()) };
            connections.spawn(move || {
                let mut connections = CONNECTIONS.lock().unwrap();
                connections.0 += 1;
                connections.1 = connections.1.max(connections.0);
                drop(connections);
                let content = content(number);
                let (most, last) = content.split_at(content.len() * 3 / 4);
                client.write_all(most).unwrap();
                thread::sleep(Duration::from_millis(20)); // a slow network
                // The client gives its permit back once it has the last piece.
                CONNECTIONS.lock().unwrap().0 -= 1;
                client.write_all(last).unwrap();
            });
        }
    })
}

fn download(server: SocketAddr, number: usize, bar: &ProgressBar) -> io::Result<Vec<u8>> {
    let mut connection = TcpStream::connect(server)?;
    writeln!(connection, "{number}")?;
    let mut received = Vec::new();
    bar.wrap_read(connection).read_to_end(&mut received)?;
    Ok(received)
}

/// A file to download. When this is dropped, it has ended.
struct Job {
    number: usize,
    _ticket: CountdownTicket<'static>,
}

/// Downloads what is in the queue. Returns how many files it got.
fn work(server: SocketAddr, queue: &Mutex<VecDeque<Job>>, bars: &MultiProgress) -> usize {
    let mut done = 0;
    loop {
        // A stop goes first. It leaves all permits where they are.
        let permit = match (&STOP, &WIDTH).wait_any() {
            OneOf2::First(()) => {
                queue.lock().unwrap().clear();
                return done;
            }
            OneOf2::Second(permit) => permit,
        };
        let Some(job) = queue.lock().unwrap().pop_front() else { return done };
        let bar = bars.add(ProgressBar::new(content(job.number).len() as u64));
        let received = download(server, job.number, &bar).unwrap();
        assert!(received == content(job.number), "file {} is another one", job.number);
        bars.remove(&bar);
        drop(permit);
        done += 1;
    }
}

/// Waits until so many are left at most. Returns false if it has been stopped.
fn wait_until_left(count: usize) -> bool {
    while LEFT.count() > count && !STOP.is_set() {
        // `STOP` is set, all have ended, or a millisecond has passed.
        let _ = wait_any_for(&[&STOP, &LEFT], Duration::from_millis(1));
    }
    !STOP.is_set()
}

/// Goes faster after a third, and slower again after two thirds.
fn change_width() {
    if !wait_until_left(FILES * 2 / 3) {
        return;
    }
    let most = most_at_once();
    assert!(most <= NARROW.into(), "{most} downloads at once, {NARROW} allowed");
    println!("at most {most} at once so far; widening to {WIDE}");
    WIDTH.release(WIDE - NARROW);

    if !wait_until_left(FILES / 3) {
        return;
    }
    println!("narrowing to {NARROW}");
    WIDTH.wait_many(WIDE - NARROW).forget();
    most_at_once();
    LEFT.wait();
    let most = most_at_once();
    assert!(most <= NARROW.into(), "{most} downloads at once, {NARROW} allowed");
    println!("at most {most} at once since then");
}

fn main() -> Result<(), Box<dyn Error>> {
    let Ok(most) = env::args().nth(1).map(|most| most.parse::<usize>()).transpose() else {
        eprintln!("usage: download [MOST]");
        process::exit(2);
    };
    // In a thread of that crate, so a set may be called.
    ctrlc::set_handler(|| STOP.set())?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let server = listener.local_addr()?;
    let jobs = (0..FILES).map(|number| Job { number, _ticket: LEFT.ticket() });
    let (queue, bars) = (Mutex::new(jobs.collect()), MultiProgress::new());

    let done = thread::scope(|scope| -> io::Result<usize> {
        let serving = scope.spawn(|| serve(&listener));
        let workers = [(); THREADS].map(|()| scope.spawn(|| work(server, &queue, &bars)));
        if let Some(most) = most {
            scope.spawn(move || {
                if wait_until_left(FILES.saturating_sub(most)) {
                    STOP.set();
                }
            });
        }
        change_width();
        LEFT.wait();
        let done = workers.map(|worker| worker.join().unwrap()).iter().sum();
        writeln!(TcpStream::connect(server)?)?;
        serving.join().unwrap()?;
        Ok(done)
    })?;
    assert_eq!(CONNECTIONS.lock().unwrap().0, 0);
    assert!(STOP.is_set() || (done == FILES && WIDTH.count() == NARROW));
    println!("{done} of {FILES} files downloaded");
    Ok(())
}
