//! The way of a process to the database, message by message. It counts the round trips, those that make a
//! connection too, and can go wrong at one of them, without a word of ours in the way.

use std::{
    io, mem,
    sync::{Arc, Mutex, MutexGuard},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

use super::fault::TripFault;
use crate::world::database::Database;

/// What the server refuses in the place of a statement.
const REFUSED: &str = "do $$ begin raise exception 'refused' using errcode = 'XX000'; end $$\0";

/// What most answers fit into, so that they are read at once.
const ANSWER_BYTES: usize = 8 * 1024;

pub struct Line {
    /// The database at its end, in plain text and under that name of the process.
    pub url: String,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    standing: Mutex<Standing>,
    /// Raised whenever the connections there are end.
    cuts: watch::Sender<u32>,
    is_killed: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Standing {
    trips: u32,
    plan: Option<(u32, TripFault)>,
}

impl Line {
    /// A way to that database for a process of that name.
    pub async fn to(db: &Database, process: &str) -> Self {
        let direct = db.direct_url().await;
        let (user, rest) = direct.split_once('@').unwrap();
        let (place, name) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            standing: Mutex::default(),
            cuts: watch::Sender::new(0),
            is_killed: watch::Sender::new(false),
        });
        let listening = tokio::spawn(listen(listener, place.to_owned(), Arc::clone(&shared)));
        let url =
            format!("{user}@127.0.0.1:{port}/{name}?application_name={process}&sslmode=disable");
        Self { url, shared, listening }
    }

    /// Counts from zero, and goes wrong at the n-th round trip from here, if anywhere.
    pub fn begin(&self, plan: Option<(u32, TripFault)>) {
        *self.shared.standing() = Standing { trips: 0, plan };
        self.shared.is_killed.send_replace(false);
    }

    /// Round trips so far.
    pub fn trips(&self) -> u32 {
        self.shared.standing().trips
    }

    /// Waits until the process is to die.
    pub async fn killed(&self) {
        let mut is_killed = self.shared.is_killed.subscribe();
        // The other end is here.
        let _ = is_killed.wait_for(|killed| *killed).await;
    }

    /// Ends every connection, as the end of their process does.
    pub fn cut(&self) {
        self.shared.cuts.send_modify(|cuts| *cuts += 1);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // Its port is free again, however many lines come after it.
        self.listening.abort();
        self.cut();
    }
}

impl Shared {
    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap()
    }

    /// Counts a round trip; what is to become of it.
    fn meet(&self) -> Option<TripFault> {
        let mut standing = self.standing();
        standing.trips += 1;
        let (nth, fault) = standing.plan?;
        (nth == standing.trips).then_some(fault)
    }
}

async fn listen(listener: TcpListener, place: String, shared: Arc<Shared>) {
    while let Ok((near, _)) = listener.accept().await {
        let mut cuts = shared.cuts.subscribe();
        let (place, shared) = (place.clone(), Arc::clone(&shared));
        tokio::spawn(async move {
            tokio::select! {
                // A connection may end in any way: both ends see it.
                _ = carry(near, &place, &shared) => {}
                _ = cuts.changed() => {}
            }
        });
    }
}

/// Carries one round trip after the other. The server answers them in their order, so nothing is changed
/// by the next one waiting here until then.
async fn carry(mut near: TcpStream, place: &str, shared: &Shared) -> io::Result<()> {
    let mut far = TcpStream::connect(place).await?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let mut asked = Asked::default();
    while let Some(trip) = next(&mut asked, &mut near, &mut far).await? {
        let fault = shared.meet();
        match fault {
            Some(TripFault::CutBefore) => return Ok(()),
            Some(TripFault::Fails) if trip.is_connecting => return Ok(()),
            Some(TripFault::Fails) => far.write_all(&refused()).await?,
            _ => far.write_all(&trip.bytes).await?,
        }
        let answer = answer(&mut far).await?;
        match fault {
            Some(TripFault::CutAfter) => return Ok(()),
            Some(TripFault::Killed) => {
                // Seen before the end of this connection is.
                shared.is_killed.send_replace(true);
                return Ok(());
            }
            _ => near.write_all(&answer).await?,
        }
    }
    Ok(())
}

/// What a client sent that is not on its way yet.
#[derive(Default)]
struct Asked {
    bytes: Vec<u8>,
    /// Where the first message begins that was not looked at.
    at: usize,
    is_begun: bool,
}

/// Messages that the server answers together.
struct Trip {
    bytes: Vec<u8>,
    is_connecting: bool,
}

impl Asked {
    /// The messages up to the next that asks for an answer, once it is all there.
    fn trip(&mut self) -> Option<Trip> {
        loop {
            // Only the first message has no letter.
            let end = end_of(&self.bytes, self.at, usize::from(self.is_begun))?;
            let kind = if self.is_begun { self.bytes.get(self.at).copied() } else { None };
            (self.is_begun, self.at) = (true, end);
            // A query, the end of an extended one, a word of the login, or the very first message.
            if matches!(kind, None | Some(b'Q' | b'S' | b'p')) {
                let rest = self.bytes.split_off(mem::take(&mut self.at));
                let bytes = mem::replace(&mut self.bytes, rest);
                return Some(Trip { bytes, is_connecting: matches!(kind, None | Some(b'p')) });
            }
        }
    }
}

/// The next round trip; none when either end is gone.
async fn next(
    asked: &mut Asked,
    near: &mut TcpStream,
    far: &mut TcpStream,
) -> io::Result<Option<Trip>> {
    loop {
        if let Some(trip) = asked.trip() {
            return Ok(Some(trip));
        }
        let mut told = vec![];
        tokio::select! {
            read = near.read_buf(&mut asked.bytes) => {
                if read? == 0 {
                    return Ok(None);
                }
            }
            // What the server says by itself is passed on.
            read = far.read_buf(&mut told) => {
                if read? == 0 {
                    return Ok(None);
                }
                near.write_all(&told).await?;
            }
        }
    }
}

/// What the server says until it waits for the client again.
async fn answer(far: &mut TcpStream) -> io::Result<Vec<u8>> {
    let (mut bytes, mut at) = (Vec::with_capacity(ANSWER_BYTES), 0);
    loop {
        while let Some(end) = end_of(&bytes, at, 1) {
            let message = &bytes[at..end];
            at = end;
            if message[0] == b'Z' || wants_a_word(message) {
                return Ok(bytes);
            }
        }
        if far.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// Whether the login goes on only when the client has said more.
fn wants_a_word(message: &[u8]) -> bool {
    let code = message.get(5..9).and_then(|code| code.try_into().ok()).map(u32::from_be_bytes);
    // 0: let in, 12: the last word of the server's about a password.
    message[0] == b'R' && !matches!(code, Some(0 | 12))
}

/// Where the message ends that begins at `at` with so many letters before its length, if it is all there.
fn end_of(bytes: &[u8], at: usize, letters: usize) -> Option<usize> {
    let begin = at + letters;
    let length = bytes.get(begin..begin + 4)?.try_into().ok()?;
    let end = begin + usize::try_from(u32::from_be_bytes(length)).ok()?;
    (end <= bytes.len()).then_some(end)
}

fn refused() -> Vec<u8> {
    let length = u32::try_from(4 + REFUSED.len()).unwrap();
    [&b"Q"[..], &length.to_be_bytes(), REFUSED.as_bytes()].concat()
}

#[test]
fn a_round_trip_ends_where_the_server_answers() {
    let message = |kind: u8, body: &[u8]| {
        let length = u32::try_from(4 + body.len()).unwrap();
        [&[kind][..], &length.to_be_bytes(), body].concat()
    };
    let startup = message(0, b"user").split_off(1);
    let extended = [message(b'P', b"select"), message(b'B', b""), message(b'S', b"")].concat();
    let query = message(b'Q', b"commit\0");
    let all = [startup.clone(), extended.clone(), query.clone(), message(b'X', b"")].concat();
    let mut asked = Asked::default();
    let mut trips = vec![];
    // Byte by byte, as a network may bring them.
    for byte in &all {
        asked.bytes.push(*byte);
        trips.extend(asked.trip().map(|trip| (trip.bytes, trip.is_connecting)));
    }
    assert_eq!(trips, [(startup, true), (extended, false), (query, false)]);
    let is_query = refused()[0] == b'Q' && refused().ends_with(b"\0");
    assert!(is_query && end_of(&refused(), 0, 1) == Some(refused().len()));
}
