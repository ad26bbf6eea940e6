//! `GET /sim`: what the control API can do, each with an example to paste.
//!
//! Documentation only; the list is checked against the routes by a test.

use serde_json::{Value, json};

/// Method, path, what it does, example body or query.
pub(crate) const ROUTES: [(&str, &str, &str, &str); 27] = [
    ("GET", "/sim/truth", "rows and cents that show now", "?by=day&timezone=Europe/Rome"),
    ("GET", "/sim/rows", "one creator's rows with all fields", "?creator=UUID"),
    (
        "GET",
        "/sim/audience",
        "who follows, subscribes and writes; with a zone also the days of changes",
        "?creator=UUID&timezone=Europe/Rome",
    ),
    (
        "POST",
        "/sim/audience",
        "change it (subscribe, pending, cancel, follow, unfollow, unread, readAll, posts, likes, \
         link, at)",
        r#"{"creator":"UUID","subscribe":3,"cancel":1,"unread":5}"#,
    ),
    ("GET", "/sim/creators", "who there is", ""),
    ("POST", "/sim/creators", "add one", r#"{"name":"Ada Moss","rows":700,"twinsPercent":1}"#),
    ("POST", "/sim/bulk", "add many", r#"{"creators":100,"rows":1000000,"days":400}"#),
    (
        "POST",
        "/sim/sales",
        "sell (count, grossCents, netCents, source, fan, currency, at, visibleAfterSeconds, twins)",
        r#"{"creator":"UUID","grossCents":1500,"source":"tip","twins":2}"#,
    ),
    ("POST", "/sim/refunds", "take back", r#"{"creator":"UUID","kind":"chargeback"}"#),
    (
        "POST",
        "/sim/amend",
        "change (status, grossCents, netCents, hiddenSeconds)",
        r#"{"orderId":"to_1","status":"availableForPayout"}"#,
    ),
    ("POST", "/sim/raw-rows", "inject any JSON", r#"{"creator":"UUID","row":{"gross":10.5}}"#),
    ("GET", "/sim/time", "the world's time", ""),
    ("POST", "/sim/time", "let time pass", r#"{"advanceSeconds":3600}"#),
    ("GET", "/sim/settings", "all switches", ""),
    (
        "POST",
        "/sim/settings",
        "turn some",
        r#"{"rateLimit":100,"rows":"g1","webhooks":{"url":"http://127.0.0.1:3000/hook"}}"#,
    ),
    (
        "POST",
        "/sim/faults",
        "break requests: status, throttle, html, page, emptyObject, truncatedJson, emptyList, hollowPage, \
         repeatCursor, hang, dropBefore, dropAfter, slowMs; match by path, creator, page, nth; times \
         null is for ever",
        r#"{"match":{"path":"/insights/earnings","page":7},"fault":{"status":500},"times":1}"#,
    ),
    ("GET", "/sim/faults", "what is broken", ""),
    ("DELETE", "/sim/faults", "mend everything", ""),
    ("GET", "/sim/requests", "how often what was asked", ""),
    ("POST", "/sim/requests/reset", "count from zero; answers the counts so far", ""),
    ("POST", "/sim/grants", "a consent without a browser", r#"{"account":"agency"}"#),
    ("POST", "/sim/revoke", "end an account's consents", r#"{"account":"agency"}"#),
    ("GET", "/sim/oauth", "refreshes, reuses, revocations", ""),
    (
        "POST",
        "/sim/events",
        "send a webhook no row is behind (type, creator, fan, id, data)",
        r#"{"type":"creator.follow.created","creator":"UUID","fan":"ada"}"#,
    ),
    ("GET", "/sim/webhooks", "what became of the webhooks, by endpoint", ""),
    ("POST", "/sim/webhooks/enable", "enable the endpoints that failures disabled", ""),
    ("GET", "/sim", "this list", ""),
];

/// The index as JSON.
pub(crate) fn index() -> Value {
    let routes = ROUTES.iter().map(|(method, path, does, example)| {
        let curl = match (*method, *example) {
            ("POST", "") => format!("curl -X POST $SIM{path}"),
            ("POST", body) => format!("curl $SIM{path} -d '{body}'"),
            ("GET", query) => format!("curl '$SIM{path}{query}'").replace('\'', "\""),
            (method, _) => format!("curl -X {method} $SIM{path}"),
        };
        json!({"method": method, "path": path, "does": does, "example": curl})
    });
    json!({
        "about": "A small simulated Fanvue. SIM is this address, for instance http://127.0.0.1:3001",
        "routes": routes.collect::<Vec<Value>>(),
    })
}
