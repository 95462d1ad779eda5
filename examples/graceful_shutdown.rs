//! A TCP server that shuts down without losing an answer. One manual-reset event stops everything: accept
//! loops, connections, and a thread that blocks. A countdown tells when all of them have left. The clients,
//! which keep their connections open until the server closes them, are part of the example.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rsevents::{EventState, ManualResetEvent};
use rsevents_extra::{Awaitable, CountdownEvent, CountdownTicket};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

const LISTENERS: usize = 2;
const CLIENTS_OF_EACH: usize = 4;
/// How long the shutdown may take.
const GRACE: Duration = Duration::from_secs(10);

static STOP: ManualResetEvent = ManualResetEvent::new(EventState::Unset);
/// Everything of the server that runs. Each holds a ticket.
static RUNNING: CountdownEvent = CountdownEvent::new(0);
/// Clients that have not got an answer yet.
static UNANSWERED: CountdownEvent = CountdownEvent::new(LISTENERS * CLIENTS_OF_EACH);

static ANSWERS: AtomicUsize = AtomicUsize::new(0);

/// The ticket comes first, so it is dropped last, when the port is closed.
async fn accept(_ticket: CountdownTicket<'static>, listener: TcpListener) {
    loop {
        tokio::select! {
            () = STOP.wait_async() => break,
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { continue };
                // This loop has a ticket, so the count is not zero yet.
                tokio::spawn(serve(RUNNING.add_ticket(), client));
            }
        }
    }
}

async fn serve(_ticket: CountdownTicket<'static>, mut client: TcpStream) -> io::Result<()> {
    let (requests, mut answers) = client.split();
    let mut requests = BufReader::new(requests).lines();
    loop {
        let request = tokio::select! {
            () = STOP.wait_async() => break,
            request = requests.next_line() => request?,
        };
        let Some(request) = request else { return Ok(()) };
        // A request that was begun is answered, even if the server is stopped meanwhile.
        sleep(Duration::from_millis(5)).await;
        answers.write_all(format!("answer to {request}\n").as_bytes()).await?;
        ANSWERS.fetch_add(1, Ordering::Relaxed);
    }
    // What the client has sent since is not answered. To close with unread data would drop answers on their way.
    answers.shutdown().await?;
    while requests.next_line().await?.is_some() {}
    Ok(())
}

/// Does something again and again, and blocks its thread meanwhile.
fn sweep(_ticket: CountdownTicket<'static>) {
    let mut sweeps = 0;
    while !STOP.wait_for(Duration::from_millis(20)) {
        sweeps += 1;
    }
    println!("the sweeper has swept {sweeps} times, and stops");
}

/// Sends requests until the server closes the connection. Returns the number of answers.
async fn client(server: SocketAddr) -> io::Result<usize> {
    let mut server = TcpStream::connect(server).await?;
    let (answers, mut requests) = server.split();
    let mut answers = BufReader::new(answers).lines();
    let mut received = 0;
    loop {
        requests.write_all(format!("request {received}\n").as_bytes()).await?;
        let Some(answer) = answers.next_line().await? else { return Ok(received) };
        assert_eq!(answer, format!("answer to request {received}"));
        if received == 0 {
            UNANSWERED.tick();
        }
        received += 1;
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (mut clients, mut servers) = (JoinSet::new(), Vec::new());
    for _ in 0..LISTENERS {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let server = listener.local_addr()?;
        tokio::spawn(accept(RUNNING.add_ticket(), listener));
        for _ in 0..CLIENTS_OF_EACH {
            clients.spawn(client(server));
        }
        servers.push(server);
    }
    let ticket = RUNNING.add_ticket();
    thread::spawn(move || sweep(ticket));

    UNANSWERED.wait_async().await;
    sleep(Duration::from_millis(100)).await;
    println!("stopping {} tasks and threads", RUNNING.count());
    STOP.set();
    timeout(GRACE, RUNNING.wait_async()).await?;
    println!("all have left");

    for server in servers {
        assert!(TcpStream::connect(server).await.is_err(), "the port is still open");
    }
    let mut received = 0;
    while let Some(client) = clients.join_next().await {
        received += client??;
    }
    assert_eq!(received, ANSWERS.load(Ordering::Relaxed), "an answer was lost");
    println!("{received} requests answered, no answer lost");
    Ok(())
}
