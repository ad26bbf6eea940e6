//! A made-up history: as the platform tells it, page by page.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

/// Rows of a page, as many as the platform gives.
pub(crate) const ROWS_PER_PAGE: usize = 50;
/// After all of it: 21 November 2026.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_795_262_400, 0);

const SOURCES: [&str; 5] = ["message", "tip", "subscription", "renewal", "post"];

/// The body of that page's answer.
pub(crate) fn body(page: usize) -> Bytes {
    let rows: Vec<_> = (page * ROWS_PER_PAGE..(page + 1) * ROWS_PER_PAGE).map(row).collect();
    Bytes::from(format!(r#"{{"data":[{}],"nextCursor":"cursor-{page}"}}"#, rows.join(",")))
}

/// A row of v1 with every field that one may have, some minutes before the one told before it.
fn row(number: usize) -> String {
    let source = SOURCES[number % SOURCES.len()];
    let age =
        SignedDuration::from_millis(i64::try_from(number).unwrap_or_default() * 421_337 + 1_123);
    let date = NOW.checked_sub(age).unwrap_or(NOW);
    let (gross, fan) = (500 + number * 37 % 9_500, number * 7 % 400);
    format!(
        r#"{{"date":"{date:.3}","gross":{gross},"net":{net},"total":{total},"currency":"USD",
            "source":"{source}","transactionOrderId":"to_{number}",
            "transactionOrderStatus":"availableForPayout",
            "messageUuid":"0b9c0c6e-3d5b-4a53-9b0e-{number:012x}",
            "user":{{"uuid":"11111111-1111-4111-8111-{fan:012x}","handle":"fan-{fan}",
                     "displayName":"Fan {fan}","nickname":null,"isTopSpender":false}}}}"#,
        net = gross * 4 / 5,
        total = gross * 28 / 25,
    )
}
