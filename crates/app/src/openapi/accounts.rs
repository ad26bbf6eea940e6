//! Connected accounts: how they stand, and how one is connected.

use super::{
    operation::{Callers, Operation},
    parameters::{connection_id, login as for_login, query_agency, required, returned},
    replies::{HTML, NO_CACHE, NO_STORE, Replies, SET_COOKIE, problem, text},
    schemas::Schemas,
};
use crate::{
    accounts::{List, View},
    login::Answer,
};

pub(super) fn login(schemas: &mut Schemas) -> Operation {
    let answers = [("application/json", schemas.of::<Answer>()), text(HTML)];
    let replies = Replies::default()
        .with(200, "The link; with a `ticket` a page.", &[NO_STORE, SET_COOKIE], &answers)
        .with(410, "The link no longer works.", &[NO_STORE], &[text(HTML)])
        .with_shared(&[400, 401, 403, 404, 414, 500, 503]);
    Operation {
        id: "beginLogin",
        tag: "accounts",
        summary: "A link that connects an account",
        description: "For owners, admins and the operator. The link works for 30 minutes and holds \
                      a secret: give it to the account's owner alone. With a `ticket`, which needs \
                      no other proof, a browser is shown which agency will see what, and the way to \
                      Fanvue.",
        callers: Callers::PeopleOrBrowsers,
        parameters: for_login(),
        body: None,
        replies,
    }
}

pub(super) fn callback() -> Operation {
    let headers = [NO_STORE, SET_COOKIE];
    let replies = Replies::default()
        .with(200, "The account is connected.", &headers, &[text(HTML)])
        .with(
            400,
            "A page: Fanvue or the account's owner refused, or this browser has no such login. A \
             problem: a parameter was sent twice.",
            &headers,
            &[text(HTML), problem()],
        )
        .with(409, "It is another account than was meant.", &headers, &[text(HTML)])
        .with(502, "Fanvue or the database failed; begin again.", &headers, &[text(HTML)])
        .with_shared(&[414, 500, 503]);
    Operation {
        id: "finishLogin",
        tag: "accounts",
        summary: "Where Fanvue sends the browser back to",
        description: "A page for the person who connects an account. Only the browser that opened \
                      the link can finish its login, once. Parameters that are not known are \
                      Fanvue's business.",
        callers: Callers::Browsers,
        parameters: returned(),
        body: None,
        replies,
    }
}

pub(super) fn connections(schemas: &mut Schemas) -> Operation {
    let answer = [("application/json", schemas.of::<List<'_>>())];
    let replies = Replies::default()
        .with(200, "The accounts.", &[NO_CACHE], &answer)
        .with_shared(&[400, 401, 403, 414, 500, 503]);
    Operation {
        id: "listConnections",
        tag: "accounts",
        summary: "How connected accounts stand",
        description: "Of every agency that the caller may see, or of one. Each says what it may \
                      not do, and the remedy.",
        callers: Callers::People,
        parameters: vec![query_agency()],
        body: None,
        replies,
    }
}

pub(super) fn refresh(schemas: &mut Schemas) -> Operation {
    let answer = [("application/json", schemas.of::<View<'_>>())];
    let replies = Replies::default()
        .with(200, "How the account stands now.", &[NO_CACHE], &answer)
        .with_problem(
            409,
            "`reconnect`: only connecting the account again helps. `held`: another process may hold \
             the new tokens; `detail` says until when.",
        )
        .with_problem(502, "`not_refreshed`: Fanvue's login service did not do it.")
        .with_shared(&[400, 401, 403, 404, 414, 500, 503]);
    Operation {
        id: "refreshConnection",
        tag: "accounts",
        summary: "Exchanges an account's tokens now",
        description: "Tokens younger than a minute are left as they are.",
        callers: Callers::People,
        parameters: vec![required(connection_id())],
        body: None,
        replies,
    }
}

pub(super) fn disconnect(schemas: &mut Schemas) -> Operation {
    let answer = [("application/json", schemas.of::<View<'_>>())];
    let replies = Replies::default()
        .with(200, "How the account stands now.", &[NO_CACHE], &answer)
        .with_shared(&[400, 401, 403, 404, 414, 500, 503]);
    Operation {
        id: "disconnectAccount",
        tag: "accounts",
        summary: "Ends a connection",
        description: "For owners, admins and the operator. Erases the tokens; what is in the ledger \
                      stays, and connecting the account again goes on where it stopped.",
        callers: Callers::People,
        parameters: vec![required(connection_id())],
        body: None,
        replies,
    }
}
