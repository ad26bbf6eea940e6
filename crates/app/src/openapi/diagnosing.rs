//! Why what is shown is not what Fanvue says.

use super::{
    operation::{Callers, Operation},
    parameters::diagnosis,
    replies::{NO_CACHE, Replies},
    schemas::Schemas,
};
use crate::diagnosing::Diagnosed;

pub(super) fn diagnose_revenue(schemas: &mut Schemas) -> Operation {
    let answer = [("application/json", schemas.of::<Diagnosed<'_>>())];
    let replies = Replies::default()
        .with(200, "Every difference, with its cause and what to do.", &[NO_CACHE], &answer)
        .with_shared(&[400, 401, 403, 404, 414, 500, 503])
        .with_used_up();
    Operation {
        id: "diagnoseRevenue",
        tag: "sync",
        summary: "Why what is shown is not what Fanvue says",
        description: "For owners, admins, managers and the operator. Fanvue is asked now, with at most \
                      a hundred requests from the same budget as everybody's. Each part of a difference \
                      has one cause, named only with the figures that prove it, and the parts add up to \
                      the whole. Of days that Fanvue was not heard of nothing is claimed.",
        callers: Callers::People,
        parameters: diagnosis(),
        body: None,
        replies,
    }
}
