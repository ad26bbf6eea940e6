//! The list of migrations, which is the build's idea of the schema.

/// Version, name and SQL.
pub(crate) type Migration = (&'static str, &'static str, &'static str);

/// All migrations, oldest first. A test compares the list with the folder.
pub(crate) const MIGRATIONS: &[Migration] = &[
    (
        "20261121000100",
        "foundation",
        include_str!("../../../migrations/20261121000100_foundation.sql"),
    ),
    (
        "20261121000200",
        "budget_and_queue",
        include_str!("../../../migrations/20261121000200_budget_and_queue.sql"),
    ),
    (
        "20261121000300",
        "voiding_and_days",
        include_str!("../../../migrations/20261121000300_voiding_and_days.sql"),
    ),
    (
        "20261121000400",
        "connecting",
        include_str!("../../../migrations/20261121000400_connecting.sql"),
    ),
    (
        "20261121000500",
        "budget_follows_demand",
        include_str!("../../../migrations/20261121000500_budget_follows_demand.sql"),
    ),
    (
        "20261121000600",
        "connected_for_good",
        include_str!("../../../migrations/20261121000600_connected_for_good.sql"),
    ),
    (
        "20261121000660",
        "v1_asked_again",
        include_str!("../../../migrations/20261121000660_v1_asked_again.sql"),
    ),
    ("20261121000700", "webhooks", include_str!("../../../migrations/20261121000700_webhooks.sql")),
    (
        "20261121000800",
        "codes_once",
        include_str!("../../../migrations/20261121000800_codes_once.sql"),
    ),
    (
        "20261121000900",
        "webhook_bodies",
        include_str!("../../../migrations/20261121000900_webhook_bodies.sql"),
    ),
    (
        "20261121000910",
        "webhooks_beside_rows",
        include_str!("../../../migrations/20261121000910_webhooks_beside_rows.sql"),
    ),
    (
        "20261121001000",
        "transactions_by_time",
        include_str!("../../../migrations/20261121001000_transactions_by_time.sql"),
    ),
    ("20261121001100", "users", include_str!("../../../migrations/20261121001100_users.sql")),
    (
        "20261121001200",
        "shown_revision",
        include_str!("../../../migrations/20261121001200_shown_revision.sql"),
    ),
    (
        "20261121001300",
        "coarse_sums",
        include_str!("../../../migrations/20261121001300_coarse_sums.sql"),
    ),
    ("20261121001400", "fan_days", include_str!("../../../migrations/20261121001400_fan_days.sql")),
    (
        "20261121001500",
        "sync_jobs",
        include_str!("../../../migrations/20261121001500_sync_jobs.sql"),
    ),
    ("20261121001600", "audience", include_str!("../../../migrations/20261121001600_audience.sql")),
    (
        "20261121001700",
        "shifts_tasks_alerts",
        include_str!("../../../migrations/20261121001700_shifts_tasks_alerts.sql"),
    ),
    ("20261121001800", "proof", include_str!("../../../migrations/20261121001800_proof.sql")),
    (
        "20261121001810",
        "money_changes",
        include_str!("../../../migrations/20261121001810_money_changes.sql"),
    ),
    ("20261121001900", "upgrade", include_str!("../../../migrations/20261121001900_upgrade.sql")),
    (
        "20261121002800",
        "expensive_calls",
        include_str!("../../../migrations/20261121002800_expensive_calls.sql"),
    ),
    (
        "20261121002900",
        "spoilt_windows",
        include_str!("../../../migrations/20261121002900_spoilt_windows.sql"),
    ),
    (
        "20261123000200",
        "jobs_foretold",
        include_str!("../../../migrations/20261123000200_jobs_foretold.sql"),
    ),
    (
        "20261123000300",
        "failures_of_jobs",
        include_str!("../../../migrations/20261123000300_failures_of_jobs.sql"),
    ),
    (
        "20261123000500",
        "emptied_audiences",
        include_str!("../../../migrations/20261123000500_emptied_audiences.sql"),
    ),
    (
        "20261123000700",
        "sent_and_refreshed",
        include_str!("../../../migrations/20261123000700_sent_and_refreshed.sql"),
    ),
    ("20261123000900", "doubts", include_str!("../../../migrations/20261123000900_doubts.sql")),
    (
        "20261124000100",
        "nothing_is_compiled",
        include_str!("../../../migrations/20261124000100_nothing_is_compiled.sql"),
    ),
];
