//! How long it takes to refuse what proves nothing. The bodies are real events: refusing them by
//! understanding them would show.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::{Bench, rate};
use crate::{
    Failure,
    bench::{line::Line, stage::number, timings::Timings},
    wall,
};

const REQUESTS: usize = 300;
/// More than the clocks may differ.
const SECONDS_OFF: i64 = 400;
/// One more than a delivery may have.
const OVERSIZED_BYTES: usize = 256 * 1024 + 1;

/// How long refusals took, by kind.
#[derive(Default)]
pub(super) struct Refusals {
    pub(super) unsigned: Timings,
    pub(super) expired: Timings,
    pub(super) future: Timings,
    pub(super) oversized: Timings,
    pub(super) mistyped: Timings,
}

/// Sends requests of each kind; none may leave a row.
pub(super) async fn measure(bench: &Bench<'_>) -> Result<Refusals, Failure> {
    let mut line = Line::open(bench.worker.address).await?;
    let mut refused = Refusals::default();
    let (topic, body) = rate::event(None);
    let huge = Bytes::from(vec![b' '; OVERSIZED_BYTES]);
    for _ in 0..REQUESTS {
        let now = wall::now();
        let off = |seconds| now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
        let signed = |at: Timestamp, body: &Bytes| Some(bench.signature(at, body));
        let expired = signed(off(-SECONDS_OFF), &body);
        let future = signed(off(SECONDS_OFF), &body);
        let oversized = signed(now, &huge);
        let mistyped = signed(now, &body).map(|good| good.replace("t=", "time="));
        for (header, body, want, timings) in [
            (None, &body, 401, &mut refused.unsigned),
            (expired, &body, 401, &mut refused.expired),
            (future, &body, 401, &mut refused.future),
            (oversized, &huge, 413, &mut refused.oversized),
            (mistyped, &body, 401, &mut refused.mistyped),
        ] {
            let mut request = rate::delivery(topic);
            if let Some(header) = header {
                request = request.header(fanvue::signature::HEADER, header);
            }
            let answer = line.send(request, body.clone()).await?;
            if answer.status != want {
                let said = format!("{} was answered where {want} was right", answer.status);
                return Err(Failure::new(said));
            }
            timings.push(answer.took);
        }
    }
    match number(bench.url, "select count(*) from webhook_events").await? {
        0 => Ok(refused),
        stored => Err(Failure::new(format!("{stored} refused deliveries were stored"))),
    }
}
