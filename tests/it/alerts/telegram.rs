//! Telegram as a server on this machine: it hears messages, and answers as it is told to.

use std::{
    collections::VecDeque,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use jiff::Timestamp;
use serde_json::Value;

use crate::world::{TELEGRAM_SECRET, clock::ManualClock};

/// The only chat.
pub const CHAT: &str = "-1001";

/// How a message is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It is taken.
    Taken,
    /// It is refused, with that status and body.
    Refused(u16, String),
    /// It is taken, and the connection breaks before the answer.
    Lost,
    /// It is taken, and no answer ever comes.
    Hang,
}

/// A message that was heard.
#[derive(Clone, Debug)]
pub struct Heard {
    pub text: String,
    pub at: Timestamp,
    pub reply: Reply,
}

struct State {
    clock: Arc<ManualClock>,
    replies: Mutex<VecDeque<Reply>>,
    heard: Mutex<Vec<Heard>>,
    is_over: AtomicBool,
}

pub struct Telegram {
    pub url: String,
    address: SocketAddr,
    state: Arc<State>,
}

impl Telegram {
    pub fn start(clock: Arc<ManualClock>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            clock,
            replies: Mutex::default(),
            heard: Mutex::default(),
            is_over: AtomicBool::new(false),
        });
        let shared = Arc::clone(&state);
        std::thread::spawn(move || serve(&listener, &shared));
        Self { url: format!("http://{address}"), address, state }
    }

    /// The next messages are answered so, one after the other; all later ones are taken.
    pub fn reply(&self, replies: impl IntoIterator<Item = Reply>) {
        self.state.replies.lock().unwrap().extend(replies);
    }

    /// Every message so far.
    pub fn heard(&self) -> Vec<Heard> {
        self.state.heard.lock().unwrap().clone()
    }

    /// The texts of those that a person sees.
    pub fn taken(&self) -> Vec<String> {
        let is_taken = |heard: &Heard| !matches!(heard.reply, Reply::Refused(..));
        self.heard().into_iter().filter(is_taken).map(|heard| heard.text).collect()
    }
}

impl Drop for Telegram {
    fn drop(&mut self) {
        self.state.is_over.store(true, Ordering::SeqCst);
        // Wakes the one who listens.
        drop(TcpStream::connect(self.address));
    }
}

fn serve(listener: &TcpListener, state: &Arc<State>) {
    for stream in listener.incoming() {
        if state.is_over.load(Ordering::SeqCst) {
            return;
        }
        let (stream, state) = (stream.unwrap(), Arc::clone(state));
        std::thread::spawn(move || hear(stream, &state));
    }
}

/// Reads one message, notes it and answers it.
fn hear(mut stream: TcpStream, state: &State) {
    let Some((head, body)) = read(&mut stream) else { return };
    let line = format!("POST /bot123456:{TELEGRAM_SECRET}/sendMessage HTTP/1.1\r\n");
    assert!(head.starts_with(&line), "{head}");
    let message: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(message["chat_id"], CHAT);
    assert_eq!(message["parse_mode"], Value::Null, "names would become markup");
    let reply = state.replies.lock().unwrap().pop_front().unwrap_or(Reply::Taken);
    let text = message["text"].as_str().unwrap().to_owned();
    let heard = Heard { text, at: state.clock.read(), reply: reply.clone() };
    state.heard.lock().unwrap().push(heard);
    let (status, body) = match reply {
        Reply::Taken => (200, r#"{"ok":true,"result":{"message_id":1}}"#.to_owned()),
        Reply::Refused(status, body) => (status, body),
        Reply::Lost => return,
        Reply::Hang => {
            let mut byte = [0];
            while matches!(stream.read(&mut byte), Ok(1)) {}
            return;
        }
    };
    let head = format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    let answer = format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{head}{body}");
    // Whoever lost patience hears nothing.
    drop(stream.write_all(answer.as_bytes()));
}

/// The head and the body of a request; `None` for whoever only connects.
fn read(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut head = vec![];
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).ok()?;
    let lower = head.to_ascii_lowercase();
    let length = lower.split("content-length: ").nth(1)?.lines().next()?.trim().parse().ok()?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((head, body))
}
