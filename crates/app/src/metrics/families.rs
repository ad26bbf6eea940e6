//! What is counted: each family's name, what tells its samples apart, and what it means.

/// Samples of one name.
pub(super) struct Family {
    pub(super) name: &'static str,
    /// What the label of each sample says, where there are several.
    pub(super) label: Option<&'static str>,
    pub(super) help: &'static str,
}

impl Family {
    /// Whether it is the family of what the store calls `name`.
    pub(super) fn counts(&self, name: &str) -> bool {
        self.name.strip_prefix("heartbeat_") == Some(name)
    }
}

const fn one(name: &'static str, help: &'static str) -> Family {
    Family { name, label: None, help }
}

const fn by(label: &'static str, name: &'static str, help: &'static str) -> Family {
    Family { name, label: Some(label), help }
}

/// All families, in the order in which they are told.
pub(super) const FAMILIES: [Family; 44] = [
    by("state", "heartbeat_creators", "Creators by what the dashboard says of their freshness."),
    by("stream", "heartbeat_streams", "Streams whose connection works."),
    by("stream", "heartbeat_streams_unfinished", "Of them: the history is not complete yet."),
    by("stream", "heartbeat_streams_failing", "Of them: the last attempt failed."),
    by("stream", "heartbeat_streams_paused", "Of them: Fanvue asked us to wait."),
    by("reason", "heartbeat_streams_parked", "Of them: set aside until a person looks at them."),
    by(
        "stream",
        "heartbeat_stream_age_max_seconds",
        "Time since the instant up to which the stream is read, of the oldest that is not parked.",
    ),
    by(
        "stream",
        "heartbeat_stream_age_p95_seconds",
        "The same, which 95 of 100 streams do not exceed.",
    ),
    by("stream", "heartbeat_stream_age_median_seconds", "The same, of the stream in the middle."),
    one("heartbeat_last_tick_age_seconds", "Time since a tick took up a stream, or could have."),
    by("stream", "heartbeat_audience_streams", "What is read of audiences, of how many creators."),
    by("stream", "heartbeat_audience_streams_unread", "Of them: not read to the end yet."),
    by("stream", "heartbeat_audience_streams_failing", "Of them: the last attempt failed."),
    by("stream", "heartbeat_audience_streams_paused", "Of them: Fanvue asked us to wait."),
    by(
        "stream",
        "heartbeat_audience_streams_parked",
        "Of them: set aside until a person looks at them.",
    ),
    by(
        "stream",
        "heartbeat_audience_stream_age_max_seconds",
        "Time since the instant as of which it is true, of the oldest that is not parked.",
    ),
    one(
        "heartbeat_audience_last_tick_age_seconds",
        "Time since a tick took up a stream of an audience, or could have.",
    ),
    by("state", "heartbeat_connections", "Connected accounts by how they stand."),
    by(
        "bucket",
        "heartbeat_budget_requests_left",
        "Requests that Fanvue still allows in this window, over all buckets of that kind.",
    ),
    by("bucket", "heartbeat_budget_requests_max", "The same when all buckets are full."),
    by("bucket", "heartbeat_budgets_empty", "Buckets that allow no request at present."),
    by(
        "bucket",
        "heartbeat_requests_sent",
        "Requests taken from such buckets so far, by all instances, also of accounts that ended.",
    ),
    by(
        "asker",
        "heartbeat_jobs_open",
        "Histories asked for, or proved, that are not at their end.",
    ),
    by("asker", "heartbeat_jobs_oldest_seconds", "Time since the oldest of them began."),
    by(
        "asker",
        "heartbeat_jobs_idle_seconds",
        "Time since anything was read of the one that waits longest.",
    ),
    by(
        "asker",
        "heartbeat_jobs_failed",
        "Creators whose history a job of the last 7 days did not read to its end.",
    ),
    one("heartbeat_token_refreshes", "Pairs of tokens that took the place of others so far."),
    one(
        "heartbeat_token_refreshes_failing",
        "Accounts that work and whose tokens could not be exchanged the last time.",
    ),
    one("heartbeat_token_age_max_seconds", "Time since the oldest pair in use was obtained."),
    by("kind", "heartbeat_alerts_waiting", "Alerts that are noted and not sent yet."),
    by("kind", "heartbeat_alerts_oldest_waiting_seconds", "How long the oldest of them waits."),
    by("kind", "heartbeat_alerts_failed", "Alerts that were given up and wait for a person."),
    one("heartbeat_transactions", "Rows in the ledger."),
    one("heartbeat_rejects", "Rows of Fanvue's feed that no one could read; counted nowhere."),
    one("heartbeat_webhooks_waiting", "Webhooks stored and not made sense of yet."),
    one("heartbeat_webhooks_oldest_waiting_seconds", "How long the oldest of them waits."),
    one("heartbeat_webhooks_quarantined", "Webhooks that wait for a person."),
    one(
        "heartbeat_provisional_transactions",
        "Sales and reversals that only webhooks told of and that figures contain.",
    ),
    one("heartbeat_provisional_gross_cents", "Their gross, in US cents."),
    one(
        "heartbeat_provisional_unmatched",
        "Those whose row did not come in time; counted nowhere.",
    ),
    by(
        "state",
        "heartbeat_proof_differences",
        "Days on which Fanvue's total is not that of the rows.",
    ),
    by("kind", "heartbeat_proof_repairs", "Receipts of what the nightly proof repaired."),
    one(
        "heartbeat_proof_oldest_compared_seconds",
        "Time since the creator whose comparison is the oldest was compared, or could have been.",
    ),
    one(
        "heartbeat_database_clock_skew_seconds",
        "How far the clock of the database is ahead of the one of this function.",
    ),
];
