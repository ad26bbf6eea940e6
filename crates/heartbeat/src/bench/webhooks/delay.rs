//! How long a sale takes from the simulated platform to the dashboard's answer, with every webhook
//! twice by family, many of them once more, and all of them in any order.
//!
//! The sales of a burst differ by powers of two, so that each total tells which of them are in it.

use std::time::Instant;

use serde_json::{Value, json};
use simulator::NewSale;
use uuid::Uuid;

use super::{Bench, PATH, WEBHOOK_SECRET, rate};
use crate::{
    Failure,
    bench::{line::Line, stage::SECRET, timings::Timings},
    progress::Count,
    wall,
};

/// The most sales that are under way at once.
const BURST: usize = 8;
/// What the smallest sale of a burst costs.
const UNIT_CENTS: i64 = 100;
/// After so many bursts a heartbeat reads the rows of what was shown.
const TICK_EVERY_BURSTS: usize = 25;
/// How long a sale is waited for. One that takes longer was lost.
const SHOWN_SECONDS_MAX: u64 = 30;
/// Single deliveries, one after the other, that only tell how long an answer takes.
const ANSWERS: usize = 300;

/// What was measured.
#[derive(Default)]
pub(super) struct Delays {
    /// From the sale to the end of the first answer that shows it.
    pub(super) sales: Timings,
    /// How long the dashboard took for each answer.
    pub(super) dashboard: Timings,
    /// How long a delivery took to be answered, with nothing beside it.
    pub(super) answers: Timings,
}

/// What the dashboard shows, in cents and counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shown {
    total: i64,
    provisional: i64,
    provisional_count: i64,
}

/// Sells, and looks at the dashboard until everything is there. In the end it has to be exact.
pub(super) async fn measure(bench: &Bench<'_>) -> Result<Delays, Failure> {
    tell(bench)?;
    let mut delays = Delays::default();
    let mut count = Count::begin("sales", "sales");
    let sales: Vec<u32> = (0..bench.args.sales).collect();
    for (number, burst) in sales.chunks(BURST).enumerate() {
        sell_and_watch(bench, burst, &mut delays).await?;
        count.reached(delays.sales.count() as u64, sales.len() as u64);
        if (number + 1) % TICK_EVERY_BURSTS == 0 {
            bench.tick().await?;
        }
    }
    check(bench).await?;
    let mut line = Line::open(bench.worker.address).await?;
    for _ in 0..ANSWERS {
        let (topic, body) = rate::event(None);
        let header = bench.signature(wall::now(), &body);
        let request = rate::delivery(topic).header(fanvue::signature::HEADER, header);
        let answer = line.send(request, body).await?;
        if answer.status != 200 {
            return Err(Failure::new(format!("an event was answered {}", answer.status)));
        }
        delays.answers.push(answer.took);
    }
    Ok(delays)
}

/// From now on webhooks come.
fn tell(bench: &Bench<'_>) -> Result<(), Failure> {
    let webhooks = json!({"webhooks": {
        "url": format!("http://{}{PATH}", bench.worker.address),
        "secret": WEBHOOK_SECRET,
        "family": "both",
        "duplicatePercent": 30,
        "reorderMs": 300,
    }});
    let told = bench.simulator.change_settings(&webhooks, wall::now());
    told.map(drop).map_err(Failure::while_doing("webhooks can't be turned on"))
}

async fn sell_and_watch(
    bench: &Bench<'_>,
    burst: &[u32],
    delays: &mut Delays,
) -> Result<(), Failure> {
    let mut line = Line::open(bench.worker.address).await?;
    let before = dashboard(&mut line, None).await?.total;
    let mut sold = vec![];
    for (place, number) in burst.iter().enumerate() {
        sold.push(wall::instant());
        sell(bench, *number, UNIT_CENTS << place)?;
    }
    let mut seen = 0;
    let all = (1 << burst.len()) - 1;
    while seen != all {
        let shown = dashboard(&mut line, Some(&mut delays.dashboard)).await?;
        let now = wall::instant();
        let more = visible(before, shown.total, burst.len()).filter(|more| seen & !more == 0);
        let more = more.ok_or_else(|| {
            let (grown, total) = (shown.total - before, shown.total);
            Failure::new(format!("{total} cents are shown: {grown} more are no sales of ours"))
        })?;
        for (place, at) in sold.iter().enumerate() {
            if (more & !seen) >> place & 1 == 1 {
                delays.sales.push(now - *at);
            }
        }
        seen = more;
        give_up_after(sold[0], now)?;
    }
    Ok(())
}

fn give_up_after(sold: Instant, now: Instant) -> Result<(), Failure> {
    if (now - sold).as_secs() < SHOWN_SECONDS_MAX {
        return Ok(());
    }
    Err(Failure::new(format!("a sale was not shown within {SHOWN_SECONDS_MAX} s")))
}

/// One sale, each by another fan.
fn sell(bench: &Bench<'_>, number: u32, gross: i64) -> Result<(), Failure> {
    let sources = ["tip", "message", "post"];
    let nth = |count: usize| number as usize % count;
    let sale = NewSale {
        gross_cents: Some(gross),
        source: Some(sources[nth(sources.len())].to_owned()),
        fan: Some(Uuid::from_u128(u128::from(number) + 1).to_string()),
        currency: Some("USD".to_owned()),
        ..NewSale::of(bench.creators[nth(bench.creators.len())])
    };
    let sold = bench.simulator.sell(&sale, wall::now());
    sold.map(drop).map_err(Failure::while_doing("no sale was made"))
}

/// Which sales of the burst are in the total, as bits; `None` when it is no sum of them.
fn visible(before: i64, total: i64, sales: usize) -> Option<u32> {
    let grown = total.checked_sub(before)?;
    let bits = u32::try_from(grown / UNIT_CENTS).ok().filter(|bits| *bits >> sales == 0);
    bits.filter(|_| grown % UNIT_CENTS == 0)
}

async fn dashboard(line: &mut Line, timings: Option<&mut Timings>) -> Result<Shown, Failure> {
    let request = http::Request::get("/api/analytics/dashboard?timeRange=all")
        .header("authorization", format!("Bearer {SECRET}"));
    let answer = line.send(request, bytes::Bytes::new()).await?;
    if answer.status != 200 {
        return Err(Failure::new(format!("the dashboard answered {}", answer.status)));
    }
    if let Some(timings) = timings {
        timings.push(answer.took);
    }
    let failed = "the dashboard's answer can't be read";
    let body: Value = serde_json::from_slice(&answer.body).map_err(Failure::while_doing(failed))?;
    let number = |name: &str| body["kpiMetrics"][name].as_i64().ok_or_else(|| Failure::new(failed));
    Ok(Shown {
        total: number("totalRevenueCents")?,
        provisional: number("provisionalRevenueCents")?,
        provisional_count: number("provisionalCount")?,
    })
}

/// All is delivered, understood and read: the dashboard shows what was earned, and nothing of it
/// only by the word of a webhook.
async fn check(bench: &Bench<'_>) -> Result<(), Failure> {
    let undelivered = || {
        let report = bench.simulator.webhooks(wall::now());
        report.endpoints.iter().map(|endpoint| endpoint.pending + endpoint.in_flight).sum::<u64>()
    };
    let give_up_at = wall::instant() + std::time::Duration::from_secs(SHOWN_SECONDS_MAX);
    while undelivered() != 0 && wall::instant() < give_up_at {
        bench.moment().await;
    }
    bench.understood().await?;
    bench.tick().await?;
    let mut line = Line::open(bench.worker.address).await?;
    let shown = dashboard(&mut line, None).await?;
    let total = bench.simulator.truth(wall::now()).gross_cents;
    if shown == (Shown { total, provisional: 0, provisional_count: 0 }) {
        return Ok(());
    }
    Err(Failure::new(format!("the dashboard shows {shown:?}, Fanvue {total} cents")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_tells_which_sales_are_in_it() {
        assert_eq!(visible(500, 500, 8), Some(0));
        assert_eq!(visible(500, 500 + 100 + 400, 8), Some(0b101));
        assert_eq!(visible(-500, -500 + 25_500, 8), Some(0xff));
        for (total, sales) in [(450, 8), (499, 8), (550, 8), (500 + 25_600, 8), (900, 2)] {
            assert_eq!(visible(500, total, sales), None, "{total} of {sales}");
        }
    }
}
