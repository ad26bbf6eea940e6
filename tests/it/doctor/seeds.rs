//! The faults: how each is planted and taken back, and the check that has to find it.

mod books;
mod outside;
mod schema;
mod server;
mod variables;

use heartbeat::doctor::Facts;
use simulator::NewFault;

use super::deployment::Mood;

/// How a fault is planted.
#[derive(Clone, Copy)]
pub enum How {
    /// Variables are set to other values, or taken away. `{db}` is the database's URL,
    /// `{server}` its server's, `{host}` its host and port.
    Variables(&'static [(&'static str, Option<&'static str>)]),
    /// SQL of an administrator, and what takes it back.
    Sql(&'static str, &'static str),
    /// Fanvue misbehaves until it is told to stop.
    Fanvue(fn() -> NewFault),
    /// The network misbehaves.
    Network(fn(&mut Mood)),
    /// The public keys of users' tokens are none.
    Keys,
    /// The deployment has a `vercel.json` of its own.
    Schedules(&'static str),
    /// What no test may do to a server that others use: the fact alone is another.
    Fact(fn(&mut Facts)),
}

/// A fault.
pub struct Seed {
    /// Who finds it.
    pub check: &'static str,
    /// As what.
    pub level: &'static str,
    /// How it is planted.
    pub how: How,
    /// A pooler would hide it.
    pub is_direct: bool,
}

impl Seed {
    /// What is told of a seed that was not found.
    pub fn name(&self) -> &'static str {
        match self.how {
            How::Sql(plant, _) => plant,
            How::Variables(changes) => changes.first().map_or("no variable", |(name, _)| name),
            How::Schedules(_) => "vercel.json",
            How::Fanvue(_) | How::Network(_) | How::Keys => "the network",
            How::Fact(_) => "a fact",
        }
    }
}

const fn fault(check: &'static str, how: How) -> Seed {
    Seed { check, level: "fault", how, is_direct: false }
}

const fn warning(check: &'static str, how: How) -> Seed {
    Seed { check, level: "warn", how, is_direct: false }
}

/// All of them.
pub static SEEDS: std::sync::LazyLock<Vec<Seed>> = std::sync::LazyLock::new(|| {
    [variables::seeds(), server::seeds(), schema::seeds(), books::seeds(), outside::seeds()]
        .into_iter()
        .flatten()
        .collect()
});
