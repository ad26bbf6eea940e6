//! The two policies that every table has, as its migration makes them: `service` for the service alone, and
//! `users`, which asks who they are.

use store::{Policy, Table};

/// What every table has.
pub(super) const NAMES: [&str; 2] = ["service", "users"];

/// A user's figures: those of the agency in which they have a role that may see them.
const FIGURES: &str = "agency_id = (select user_agency_with_figures())";
/// Rows that are nobody's but the service's.
const NOTHING: &str = "false";

/// Whether the table has both, each for whom and for what it is made. Of one that binds everybody every user
/// would see all that the service sees.
pub(super) fn are_as_made(table: &Table) -> bool {
    let find = |name: &str| table.policies.iter().find(|policy| policy.name == name);
    let [Some(service), Some(users)] = NAMES.map(find) else { return false };
    is_for(service, "service_role", "*")
        && [&service.shows, &service.takes].iter().all(|rows| rows.as_deref() == Some("true"))
        && is_for(users, "authenticated", "r")
        && users.shows.as_deref().is_some_and(|shows| is_form(&table.name, shows))
}

fn is_for(policy: &Policy, role: &str, command: &str) -> bool {
    policy.is_permissive && policy.roles == [role] && policy.command == command
}

/// Whether migrations show users such rows of that table.
fn is_form(table: &str, shows: &str) -> bool {
    let forms: &[&str] = match table {
        "profiles" => &["id = (select auth.uid())"],
        "agencies" => &["id = (select user_agency())"],
        "subscriber_history" => &["agency_id = (select user_agency())"],
        _ => &[FIGURES, NOTHING],
    };
    let shows = plain(shows);
    forms.iter().any(|form| {
        let form = plain(form);
        // The server names what a subquery selects after its function.
        let function = form.rsplit(['.', ' ']).next().unwrap_or_default();
        shows == form || shows == format!("{form} as {function}")
    })
}

/// The words of an expression, however the server writes it: with or without the schema that is looked in.
fn plain(expression: &str) -> String {
    let words = expression.to_lowercase().replace(['(', ')', '"'], " ").replace("public.", "");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_known_however_the_server_writes_it_and_nothing_else_is() {
        let figures = [
            "(agency_id = ( SELECT user_agency_with_figures() AS user_agency_with_figures))",
            "(agency_id = ( SELECT public.user_agency_with_figures() AS user_agency_with_figures))",
            FIGURES,
        ];
        for shows in figures {
            assert!(is_form("fan_events", shows), "{shows}");
            assert!(!is_form("agencies", shows), "{shows}");
        }
        assert!(is_form("profiles", "(id = ( SELECT auth.uid() AS uid))"));
        assert!(is_form("agencies", "(id = ( SELECT user_agency() AS user_agency))"));
        assert!(is_form("rate_budgets", "false"));
        for shows in [
            "true",
            "(true OR (agency_id = ( SELECT user_agency_with_figures() AS user_agency_with_figures)))",
            "(agency_id = ( SELECT user_agency() AS user_agency))",
            "(agency_id = ( SELECT theirs.user_agency_with_figures() AS user_agency_with_figures))",
            "(agency_id <> ( SELECT user_agency_with_figures() AS user_agency_with_figures))",
            "(auth.uid() IS NOT NULL)",
        ] {
            assert!(!is_form("fan_events", shows), "{shows}");
        }
    }
}
