use std::time::Duration;

use super::*;
use crate::bench::timings::Timings;

type Change = fn(&mut Measured);

fn lasting(millis: &[u64]) -> Timings {
    let mut timings = Timings::default();
    millis.iter().for_each(|length| timings.push(Duration::from_millis(*length)));
    timings
}

fn kept() -> Measured {
    Measured {
        delays: Delays { sales: lasting(&[300, 2000]), ..Delays::default() },
        rates: Rates {
            webhooks: vec![800.0, 3000.0, 900.0],
            pgbench: vec![1000.0, 1000.0, 1000.0],
            answers: lasting(&[1, 3]),
            flushes: lasting(&[1]),
            ..Rates::default()
        },
        replays: Replays { count: 10, per_second: 1.0, rows: 1, bytes_before: 64, bytes_after: 64 },
        refusals: Refusals::default(),
        connections: 32,
    }
}

#[test]
fn promises_kept_to_their_edges_are_kept() {
    let measured = kept();
    measured.verdict().unwrap();
    let figures = measured.figures();
    assert!((figures["webhook_to_pgbench_ratio"] - 0.9).abs() < 1e-9, "the middle of the ratios");
    assert!((figures["webhook_p99_in_flushes"] - 3.0).abs() < 1e-9);
    assert!(figures["replays_bytes_grown"].abs() < 1e-9);
}

#[test]
fn each_broken_promise_is_named() {
    let broken: [(&str, Change); 5] = [
        ("2001 ms", |it| it.delays.sales = lasting(&[300, 2001])),
        ("0.79 of", |it| it.rates.webhooks = vec![790.0, 700.0, 900.0]),
        ("4.0 flushes", |it| it.rates.answers = lasting(&[1, 4])),
        ("2 rows", |it| it.replays.rows = 2),
        ("to 65 bytes", |it| it.replays.bytes_after = 65),
    ];
    for (words, change) in broken {
        let mut measured = kept();
        change(&mut measured);
        let said = measured.verdict().unwrap_err().to_string();
        assert!(said.contains(words) && !said.contains(';'), "{said}");
    }
}
