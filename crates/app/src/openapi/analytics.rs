//! Figures, the rows behind them, and when they change.

use serde_json::json;

use super::{
    operation::{Callers, Operation},
    parameters::{agency_id, filter, header, paging, question},
    replies::{CONTENT_DISPOSITION, ETAG, NO_CACHE, NO_STORE, Replies, VARY, text},
    schemas::Schemas,
};
use crate::analytics::{DashboardAnswer, TransactionPage};

/// Problems of every question about an agency's data.
const PROBLEMS: [u16; 7] = [400, 401, 403, 404, 414, 500, 503];

pub(super) fn dashboard(schemas: &mut Schemas) -> Operation {
    let mut parameters = question();
    parameters.push(header(
        "If-None-Match",
        "The `ETag` of the answer that the caller holds: 304 while it is still the same.",
        json!({"type": "string"}),
    ));
    parameters.push(header(
        "Cache-Control",
        "`no-cache` has the figures added up anew, whatever anybody holds.",
        json!({"type": "string"}),
    ));
    let answer = [("application/json", schemas.of::<DashboardAnswer<'_>>())];
    let replies = Replies::default()
        .with(200, "The figures.", &[NO_CACHE, ETAG, VARY], &answer)
        .with(304, "What the caller holds is still so.", &[NO_CACHE, ETAG, VARY], &[])
        .with_shared(&PROBLEMS);
    Operation {
        id: "getDashboard",
        tag: "analytics",
        summary: "The figures of an agency or of one creator",
        description: "Key figures, a chart, a breakdown by category and a card for each creator, \
                      all of the same days, and how fresh and complete they are. Ask again every \
                      minute with the `ETag`, or when `/api/analytics/live` tells of a change.",
        callers: Callers::People,
        parameters,
        body: None,
        replies,
    }
}

pub(super) fn live() -> Operation {
    let last = header(
        "Last-Event-ID",
        "The revision that was heard of last; browsers send it by themselves.",
        json!({"type": "integer", "format": "int64"}),
    );
    let events = "Events named `revision`, whose id and `data.revision` are the agency's revision: \
                  `id: 7`, `event: revision`, `data: {\"revision\":7}`. A line that begins with a \
                  colon every 15 seconds of silence. The stream ends after 270 seconds; whoever \
                  comes back is told at once what happened in between.";
    let replies = Replies::default()
        .with(200, events, &[NO_CACHE, VARY], &[text("text/event-stream")])
        .with_shared(&PROBLEMS)
        .with_problem(429, "`too_many_requests`: this user has too many streams open.")
        .with_problem(501, "`no_streams`: this server sends whole answers only; poll instead.");
    Operation {
        id: "followRevision",
        tag: "analytics",
        summary: "Tells that there is something new to ask for",
        description: "A stream of server-sent events. They say nothing but the revision: what is \
                      new is asked for at `/api/analytics/dashboard`.",
        callers: Callers::People,
        parameters: vec![agency_id(), last],
        body: None,
        replies,
    }
}

pub(super) fn transactions(schemas: &mut Schemas) -> Operation {
    let answer = [("application/json", schemas.of::<TransactionPage<'_>>())];
    let replies = Replies::default()
        .with(200, "A page of rows.", &[NO_STORE], &answer)
        .with_shared(&PROBLEMS);
    Operation {
        id: "listTransactions",
        tag: "analytics",
        summary: "The rows behind a figure",
        description: "Newest first, with all evidence that is kept of each. The rows of all pages \
                      and `provisional` of the first add up to the dashboard's total.",
        callers: Callers::People,
        parameters: [question(), filter(), paging()].concat(),
        body: None,
        replies,
    }
}

pub(super) fn export() -> Operation {
    let file = "Lines of RFC 4180; the first one names the cells as `/api/analytics/transactions` \
                names them. One that ends is whole: what fails on its way breaks the connection.";
    let replies = Replies::default()
        .with(200, file, &[NO_STORE, CONTENT_DISPOSITION], &[text("text/csv")])
        .with_shared(&PROBLEMS)
        .with_problem(
            400,
            "`bad_parameter`, `bad_request`: `field` names the parameter. `answer_too_large`: this \
             server sends whole answers only; ask for fewer days or one creator.",
        )
        .with_used_up();
    Operation {
        id: "exportTransactions",
        tag: "analytics",
        summary: "The same rows as a file",
        description: "All rows of the question, of any number. One server writes two files at a \
                      time, of two agencies, and answers 503 to another; who takes nothing for a \
                      minute may lose theirs.",
        callers: Callers::People,
        parameters: [question(), filter()].concat(),
        body: None,
        replies,
    }
}
