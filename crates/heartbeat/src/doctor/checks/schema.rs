//! Tables, and who may what with them.

use std::collections::BTreeSet;

use store::{History, Schema, Table};

use super::policies;
use crate::doctor::{
    Facts,
    check::{Check, Group, Outcome, fault_if, fault_of, from, named, warning_if},
};

const fn check(
    name: &'static str,
    means: &'static str,
    remedy: &'static str,
    decide: fn(&Facts) -> Outcome,
) -> Check {
    Check { name, group: Group::Schema, means, remedy, decide }
}

pub(super) const CHECKS: &[Check] = &[
    check(
        "migrations-missing",
        "this build asks for what is not there: ticks and answers fail until it is",
        "heartbeat migrate",
        migrations_missing,
    ),
    check(
        "migrations-newer",
        "the database was migrated by a later build, or by other people: this one may misread it",
        "deploy the build that migrated it; if the migrations are not Heartbeat's, nothing",
        migrations_newer,
    ),
    check(
        "migrations-changed",
        "the schema may differ from the one that was tested, sums and their triggers included",
        "compare the migration with the one in the history, and bring the schema to what it says",
        migrations_changed,
    ),
    check(
        "tables-missing",
        "whatever reads or books there fails",
        "restore the tables from a backup, or make them as their migration does",
        tables_missing,
    ),
    check(
        "row-security",
        "users of one agency may see the money and the fans of another",
        "alter table … enable row level security; alter table … force row level security",
        row_security,
    ),
    check(
        "policies",
        "users see rows of other agencies or nothing at all, or the service does not see its own rows",
        "make the policies `service` and `users` again, as the table's migration does",
        policies,
    ),
    check(
        "policies-foreign",
        "policies add up: one more may show rows of every agency to everybody",
        "drop policy … on …, unless it is known to show no more than `users` does",
        policies_foreign,
    ),
    check(
        "grants-service",
        "the service can't read or book there",
        "grant select, insert, update, delete on the table to service_role",
        grants_service,
    ),
    check(
        "grants-users",
        "users are refused what their agency's dashboard shows",
        "grant select on the columns that the table's migration names to authenticated",
        grants_users,
    ),
    check(
        "grants-open",
        "whoever is not signed in may read or write there if a policy slips",
        "revoke all on the table from public, anon",
        grants_open,
    ),
    check(
        "grants-write",
        "a user may change figures, or read sealed tokens, if a policy slips",
        "revoke all on the table from authenticated, then grant the columns of its migration again",
        grants_write,
    ),
    check(
        "roles",
        "without `authenticated` no user is answered, without `service_role` the service sees no row",
        "as an administrator: grant authenticated, service_role to the role of DATABASE_URL",
        roles,
    ),
    check(
        "roles-bypass",
        "row-level security does not bind users: each sees every agency",
        "alter role … nosuperuser nobypassrls; revoke service_role from it",
        roles_bypass,
    ),
    check(
        "auth-functions",
        "nobody knows who asks: users see nothing",
        "make auth.uid() and auth.jwt() as the migration of users does",
        auth_functions,
    ),
    check(
        "triggers",
        "sums, fans or revisions do not follow the rows any more: figures are wrong or stay old",
        "alter table … enable trigger …, then heartbeat reconcile --again",
        triggers,
    ),
    check(
        "indexes",
        "ticks and answers get slower as the ledger grows, until they end unfinished",
        "make the index as its migration does; reindex one that is invalid",
        indexes,
    ),
];

fn migrations_missing(facts: &Facts) -> Outcome {
    from(&facts.database.history, |history| fault_of(&history.missing))
}

fn migrations_newer(facts: &Facts) -> Outcome {
    from(&facts.database.history, |history| {
        warning_if(!history.newer.is_empty(), || named(&history.newer))
    })
}

fn migrations_changed(facts: &Facts) -> Outcome {
    from(&facts.database.history, |history| fault_of(&history.changed))
}

fn with_both(facts: &Facts, decide: impl FnOnce(&Schema, &History) -> Outcome) -> Outcome {
    let database = &facts.database;
    from(&database.schema, |schema| from(&database.history, |history| decide(schema, history)))
}

fn tables_missing(facts: &Facts) -> Outcome {
    with_both(facts, |schema, history| {
        let there: BTreeSet<_> = schema.tables.iter().map(|table| table.name.clone()).collect();
        let missing = history.expected().tables;
        fault_of(&missing.difference(&there).collect::<Vec<_>>())
    })
}

/// A fault that names those of our tables of which `is_wrong` is true. Before users came, tables had only
/// their owner.
fn tables_that(facts: &Facts, is_wrong: impl Fn(&Table) -> bool) -> Outcome {
    with_both(facts, |schema, history| {
        if !history.has_users() {
            return Outcome::Unseen("the migration of users is not applied".to_owned());
        }
        let ours = history.expected().tables;
        let wrong = schema.tables.iter().filter(|table| ours.contains(&table.name));
        let wrong: Vec<_> =
            wrong.filter(|table| is_wrong(table)).map(|table| &table.name).collect();
        fault_of(&wrong)
    })
}

fn row_security(facts: &Facts) -> Outcome {
    tables_that(facts, |table| !(table.is_secured && table.is_forced))
}

fn policies(facts: &Facts) -> Outcome {
    tables_that(facts, |table| !policies::are_as_made(table))
}

fn policies_foreign(facts: &Facts) -> Outcome {
    tables_that(facts, |table| {
        table.policies.iter().any(|policy| !policies::NAMES.contains(&policy.name.as_str()))
    })
}

fn grants_service(facts: &Facts) -> Outcome {
    tables_that(facts, |table| !table.serves)
}

fn grants_users(facts: &Facts) -> Outcome {
    let is_shut = |table: &Table| {
        let mut users = table.policies.iter().filter(|policy| policy.name == "users");
        users.all(|policy| policy.shows.as_deref() == Some("false"))
    };
    tables_that(facts, |table| !table.users_read && !is_shut(table))
}

fn grants_open(facts: &Facts) -> Outcome {
    tables_that(facts, |table| table.is_open)
}

fn grants_write(facts: &Facts) -> Outcome {
    tables_that(facts, |table| table.users_write || table.users_see_tokens)
}

fn roles(facts: &Facts) -> Outcome {
    with_both(facts, |schema, history| {
        if !history.has_users() {
            return Outcome::Unseen("the migration of users is not applied".to_owned());
        }
        let is_there = |name: &&str| schema.roles.iter().any(|role| role == *name);
        let all = ["anon", "authenticated", "service_role"];
        let missing: Vec<_> = all.into_iter().filter(|name| !is_there(name)).collect();
        if !missing.is_empty() {
            return Outcome::Fault(format!("there is no role {}", named(&missing)));
        }
        if schema.takes_users != Some(true) {
            return Outcome::Fault("the service may not take the role authenticated".to_owned());
        }
        fault_if(schema.is_service != Some(true), || {
            "the service does not have what service_role has".to_owned()
        })
    })
}

fn roles_bypass(facts: &Facts) -> Outcome {
    from(&facts.database.schema, |schema| fault_of(&schema.bypassing))
}

fn auth_functions(facts: &Facts) -> Outcome {
    with_both(facts, |schema, history| {
        fault_if(history.has_users() && !schema.knows_users, || {
            "auth.uid() or auth.jwt() is not there".to_owned()
        })
    })
}

fn triggers(facts: &Facts) -> Outcome {
    with_both(facts, |schema, history| {
        let on = schema.triggers.iter().filter(|trigger| trigger.is_on);
        let on: BTreeSet<_> = on.map(|trigger| trigger.name.clone()).collect();
        let expected = history.expected().triggers;
        fault_of(&expected.difference(&on).collect::<Vec<_>>())
    })
}

fn indexes(facts: &Facts) -> Outcome {
    with_both(facts, |schema, history| {
        let usable = schema.indexes.iter().filter(|index| index.is_valid);
        let usable: BTreeSet<_> = usable.map(|index| index.name.clone()).collect();
        let expected = history.expected().indexes;
        fault_of(&expected.difference(&usable).collect::<Vec<_>>())
    })
}
