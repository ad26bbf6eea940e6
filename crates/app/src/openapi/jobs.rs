//! Histories that are read again for somebody, and how reading stands.

use super::{
    operation::{Callers, Operation},
    parameters::{agency_id, dry_run, job_id, one_creator, read_creator, receipts},
    replies::{LOCATION, NO_CACHE, NO_STORE, Replies, UNTIL_COOL, problem},
    schemas::Schemas,
};
use crate::{
    jobs::{Accepted, JobView, List, Plan, Status},
    repairs::Page,
};

/// Problems of every question about an agency's data.
const PROBLEMS: [u16; 7] = [400, 401, 403, 404, 414, 500, 503];

pub(super) fn force_sync(schemas: &mut Schemas) -> Operation {
    let plan = [("application/json", schemas.of::<Plan>())];
    let accepted = [("application/json", schemas.of::<Accepted<'_>>())];
    let replies = Replies::default()
        .with(200, "With `dryRun`: what would be read. Nothing was written.", &[NO_CACHE], &plan)
        .with(
            202,
            "The job, which goes on by itself; `Location` shows it.",
            &[NO_CACHE, LOCATION],
            &accepted,
        )
        .with_problem(
            409,
            "`reconnect`: nobody of those can be read before a person connects the account again.",
        )
        .with(
            429,
            "`cooling_down`: all of it was read to the end less than five minutes ago, by `jobId`. \
             `too_many_requests`: of syncs, diagnoses and files one caller is given 30 in 10 minutes.",
            &[NO_STORE, UNTIL_COOL],
            &[problem()],
        )
        .with_shared(&PROBLEMS);
    Operation {
        id: "forceSync",
        tag: "sync",
        summary: "Reads the whole history of a creator, or of all of an agency's, again",
        description: "For owners, admins, managers and the operator. Rows that are there are \
                      recognised, so figures only gain what was missing; until it is done they are \
                      not called exact. A creator who was set aside is taken up again. Where the same \
                      is being read already, that job is answered.",
        callers: Callers::People,
        parameters: vec![agency_id(), one_creator(), dry_run()],
        body: None,
        replies,
    }
}

pub(super) fn jobs(schemas: &mut Schemas) -> Operation {
    let answer = [("application/json", schemas.of::<List<'_>>())];
    let replies = Replies::default()
        .with(
            200,
            "First those that go on, then the newest 20 of the others.",
            &[NO_CACHE],
            &answer,
        )
        .with_shared(&PROBLEMS);
    Operation {
        id: "listJobs",
        tag: "sync",
        summary: "The jobs of an agency that go on, and its newest",
        description: "A page that was loaded again finds here what is running. A job of all carries no \
                      creators here, or the one of `modelId`; `/api/sync/jobs/{id}` tells them all. What \
                      the nightly proof reads is listed for the operator alone, after the others.",
        callers: Callers::People,
        parameters: vec![agency_id(), read_creator()],
        body: None,
        replies,
    }
}

pub(super) fn job(schemas: &mut Schemas) -> Operation {
    let answer = [("application/json", schemas.of::<JobView<'_>>())];
    let replies =
        Replies::default().with(200, "How it stands.", &[NO_CACHE], &answer).with_shared(&PROBLEMS);
    Operation {
        id: "getJob",
        tag: "sync",
        summary: "How a job stands",
        description: "`percent` never falls. Counters are those of what is committed, so they equal \
                      what the figures gained.",
        callers: Callers::People,
        parameters: vec![job_id()],
        body: None,
        replies,
    }
}

pub(super) fn status(schemas: &mut Schemas) -> Operation {
    let answer = [("application/json", schemas.of::<Status<'_>>())];
    let replies = Replies::default()
        .with(200, "How reading stands.", &[NO_CACHE], &answer)
        .with_shared(&PROBLEMS);
    Operation {
        id: "getSyncStatus",
        tag: "sync",
        summary: "How reading stands: streams, connections, what is set aside, budgets, jobs",
        description: "Of one agency. Fanvue is not asked.",
        callers: Callers::People,
        parameters: vec![agency_id()],
        body: None,
        replies,
    }
}

pub(super) fn repairs(schemas: &mut Schemas) -> Operation {
    let answer = [("application/json", schemas.of::<Page<'_>>())];
    let replies = Replies::default()
        .with(200, "Receipts, the newest first.", &[NO_CACHE], &answer)
        .with_shared(&PROBLEMS);
    Operation {
        id: "listRepairs",
        tag: "sync",
        summary: "What the nightly proof repaired, with its evidence",
        description: "A receipt for each day of a creator whose rows it changed, and for each sum that it \
                      made anew.",
        callers: Callers::People,
        parameters: receipts(),
        body: None,
        replies,
    }
}
