//! One delivery, again and again: one row, and a table that does not grow.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use jiff::SignedDuration;
use tokio::task::JoinSet;

use super::{Bench, rate, signature};
use crate::{
    Failure,
    bench::{line::Line, stage::number},
    progress::Count,
    wall,
};

/// How long a signature is used: far from too old.
const SIGNATURE_SECONDS: i64 = 60;

/// What became of the replays.
#[derive(Clone, Copy, Debug)]
pub(super) struct Replays {
    pub(super) count: u64,
    pub(super) per_second: f64,
    /// Rows of events, of which there was none before.
    pub(super) rows: u64,
    /// Bytes of the table with its indexes after the first delivery was understood.
    pub(super) bytes_before: u64,
    /// The same after all of them.
    pub(super) bytes_after: u64,
}

/// Replays over all connections. Nothing may be stored before.
pub(super) async fn measure(bench: &Bench<'_>) -> Result<Replays, Failure> {
    let size = "select pg_total_relation_size('webhook_events')";
    let (_, body) = rate::event(None);
    let sent = Arc::new(AtomicU64::new(0));
    replay(bench, &body, &sent, 1).await?;
    bench.understood().await?;
    let bytes_before = number(bench.url, size).await?;
    let began = wall::instant();
    replay(bench, &body, &sent, bench.args.replays.saturating_add(1)).await?;
    let per_second = rate::per_second(bench.args.replays, began.elapsed().as_secs_f64());
    bench.understood().await?;
    Ok(Replays {
        count: bench.args.replays,
        per_second,
        rows: number(bench.url, "select count(*) from webhook_events").await?,
        bytes_before,
        bytes_after: number(bench.url, size).await?,
    })
}

/// Sends until so many were sent in all.
async fn replay(
    bench: &Bench<'_>,
    body: &Bytes,
    sent: &Arc<AtomicU64>,
    until: u64,
) -> Result<(), Failure> {
    let mut posting = JoinSet::new();
    for _ in 0..bench.args.connections {
        let line = Line::open(bench.worker.address).await?;
        posting.spawn(post(line, Arc::clone(&bench.ctx), body.clone(), Arc::clone(sent), until));
    }
    let mut count = Count::begin("replays", "deliveries");
    while !posting.is_empty() {
        let next = wall::now() + Duration::from_secs(1);
        tokio::select! {
            Some(posted) = posting.join_next() => {
                posted.map_err(Failure::while_doing("a connection broke off"))??;
            }
            () = wall::pause_until(next) => count.reached(sent.load(Ordering::Relaxed), until),
        }
    }
    Ok(())
}

async fn post(
    mut line: Line,
    ctx: Arc<app::Ctx>,
    body: Bytes,
    sent: Arc<AtomicU64>,
    until: u64,
) -> Result<(), Failure> {
    let mut signed_at = wall::now();
    let mut header = signature(&ctx, signed_at, &body);
    let mine = |sent: u64| (sent < until).then_some(sent + 1);
    while sent.fetch_update(Ordering::Relaxed, Ordering::Relaxed, mine).is_ok() {
        let now = wall::now();
        if SignedDuration::from_secs(SIGNATURE_SECONDS) < now.duration_since(signed_at) {
            (signed_at, header) = (now, signature(&ctx, now, &body));
        }
        let request = rate::delivery(rate::TOPIC).header(fanvue::signature::HEADER, &header);
        let answer = line.send(request, body.clone()).await?;
        if answer.status != 200 {
            return Err(Failure::new(format!("a replay was answered {}", answer.status)));
        }
    }
    Ok(())
}
