//! Downloads over TCP, never more at once than a semaphore allows, whose capacity changes meanwhile. The
//! server is part of the example, and counts its connections.

use std::error::Error;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rsevents_extra::{Awaitable, CountdownEvent, Semaphore};

const FILES: usize = 48;
const THREADS: usize = 8;
const NARROW: u16 = 2;
const WIDE: u16 = 6;

/// Permits to download. Starts narrow.
static WIDTH: Semaphore = Semaphore::new(NARROW, WIDE);
static TO_DO: CountdownEvent = CountdownEvent::new(FILES);

/// The server's open connections, and the most that were open at once.
static CONNECTIONS: Mutex<(usize, usize)> = Mutex::new((0, 0));

fn connection_opened() {
    let mut connections = CONNECTIONS.lock().unwrap();
    connections.0 += 1;
    connections.1 = connections.1.max(connections.0);
}

fn connection_closed() {
    CONNECTIONS.lock().unwrap().0 -= 1;
}

/// The most connections at once since the last call.
fn most_at_once() -> usize {
    let mut connections = CONNECTIONS.lock().unwrap();
    let now = connections.0;
    std::mem::replace(&mut connections.1, now)
}

/// Answers a line with the name of a file by the file.
fn serve(mut client: TcpStream, folder: &Path) -> io::Result<()> {
    let mut name = String::new();
    BufReader::new(&client).read_line(&mut name)?;
    connection_opened();
    let content = fs::read(folder.join(name.trim_end()))?;
    thread::sleep(Duration::from_millis(20)); // a slow network
    connection_closed();
    client.write_all(&content)
}

fn download(server: SocketAddr, name: &str) -> io::Result<Vec<u8>> {
    let _permit = WIDTH.wait();
    let mut connection = TcpStream::connect(server)?;
    writeln!(connection, "{name}")?;
    let mut content = Vec::new();
    connection.read_to_end(&mut content)?;
    Ok(content)
}

fn download_files(server: SocketAddr) {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        if number >= FILES {
            break;
        }
        let _ticket = TO_DO.ticket();
        let received = download(server, &number.to_string()).unwrap();
        assert_eq!(received, content(number));
    }
}

fn content(number: usize) -> Vec<u8> {
    format!("this is file {number}\n").repeat(1 + number).into_bytes()
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    for number in 0..FILES {
        fs::write(folder.path().join(number.to_string()), content(number))?;
    }
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let server = listener.local_addr()?;

    thread::scope(|scope| {
        let folder = folder.path();
        scope.spawn(move || {
            thread::scope(|connections| {
                for client in listener.incoming().take(FILES) {
                    connections.spawn(|| serve(client.unwrap(), folder).unwrap());
                }
            });
        });
        for _ in 0..THREADS {
            scope.spawn(move || download_files(server));
        }

        // After a third, go faster; after two thirds, slower again.
        wait_until_left(FILES * 2 / 3);
        let most = most_at_once();
        assert!(most <= NARROW.into(), "{most} downloads at once, {NARROW} allowed");
        println!("at most {most} at once so far; widening to {WIDE}");
        WIDTH.release(WIDE - NARROW);

        wait_until_left(FILES / 3);
        println!("narrowing to {NARROW}");
        WIDTH.wait_many(WIDE - NARROW).forget();
        most_at_once();

        TO_DO.wait();
        let most = most_at_once();
        assert!(most <= NARROW.into(), "{most} downloads at once, {NARROW} allowed");
        println!("at most {most} at once since then");
    });
    assert_eq!(WIDTH.count(), NARROW);
    println!("{FILES} files downloaded");
    Ok(())
}

fn wait_until_left(count: usize) {
    while TO_DO.count() > count && !TO_DO.wait_for(Duration::from_millis(1)) {}
}
