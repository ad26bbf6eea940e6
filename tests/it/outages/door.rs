//! The way to the database, which a test can shut: whoever goes through it meets what a server does that
//! is killed, or a network that swallows everything.

use std::time::Duration;

use secrecy::SecretString;
use store::{Options, Store};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::world::{World, database::Database, kept_statements};

/// What becomes of connections.
#[derive(Clone, Copy, Debug, Default)]
struct Way {
    /// Whether new ones are made.
    is_shut: bool,
    /// Raised whenever the ones there are end.
    ended: u32,
    /// Whether they end without a word.
    is_silent: bool,
}

pub struct Door {
    pub url: String,
    way: watch::Sender<Way>,
}

impl Door {
    pub async fn to(db: &Database) -> Self {
        let direct = db.direct_url().await;
        let (user, rest) = direct.split_once('@').unwrap();
        let (place, name) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (way, seen) = watch::channel(Way::default());
        let place = place.to_owned();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                if !seen.borrow().is_shut {
                    tokio::spawn(carry(near, place.clone(), seen.clone()));
                }
            }
        });
        Self { url: format!("{user}@127.0.0.1:{port}/{name}"), way }
    }

    /// A store that goes through it.
    pub fn store(&self, options: Options) -> Store {
        let options = Options { statements: kept_statements(), ..options };
        Store::open(&SecretString::from(self.url.clone()), options).unwrap()
    }

    /// The server is killed: every connection ends, and none is made.
    pub fn shut(&self) {
        self.end(true, false);
    }

    /// The server is back.
    pub fn open(&self) {
        self.way.send_modify(|way| way.is_shut = false);
    }

    /// Every connection ends; new ones can be made.
    pub fn cut(&self) {
        self.end(false, false);
    }

    /// Nothing comes through the connections there are, and nobody is told; new ones can be made.
    pub fn swallow(&self) {
        self.end(false, true);
    }

    fn end(&self, is_shut: bool, is_silent: bool) {
        self.way.send_modify(|way| *way = Way { is_shut, is_silent, ended: way.ended + 1 });
    }
}

async fn carry(mut near: TcpStream, place: String, mut way: watch::Receiver<Way>) {
    let begun = way.borrow().ended;
    let mut far = TcpStream::connect(place).await.unwrap();
    tokio::select! {
        _ = copy_bidirectional(&mut near, &mut far) => {}
        _ = way.wait_for(|way| way.ended != begun) => {}
    }
    let ended = *way.borrow();
    if ended.ended != begun && ended.is_silent {
        // Held, and not looked at, until the next thing happens or the test is over.
        let _ = way.wait_for(|way| way.ended != ended.ended).await;
    }
}

/// The world's app goes to its database through a door. A connection is looked at whenever it is used
/// again, as after a function was frozen.
pub async fn behind_a_door(world: &mut World) -> Door {
    let door = Door::to(&world.db).await;
    world.ctx.store = door.store(Options { believed: Duration::ZERO, ..Options::default() });
    door
}
