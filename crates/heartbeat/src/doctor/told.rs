//! What was found, for people and for programs.

use serde_json::json;

use super::{Facts, Finding, all};

/// A line for each finding and one for what to do; what is well is counted, unless `is_all`.
#[must_use]
pub fn table(findings: &[Finding], is_all: bool) -> String {
    let is_shown = |one: &&Finding| is_all || ["fault", "warn"].contains(&one.level);
    let width = findings.iter().map(|one| one.check.len()).max().unwrap_or_default();
    let mut lines = vec![];
    for one in findings.iter().filter(is_shown) {
        let found = one.found.as_deref().unwrap_or_default();
        let line = format!("{:<8}  {:<width$}  {found}", one.level, one.check);
        lines.push(line.trim_end().to_owned());
        if ["fault", "warn"].contains(&one.level) {
            lines.push(format!("{:8}  {:width$}  it means: {}", "", "", one.means));
            lines.push(format!("{:8}  {:width$}  to do: {}", "", "", one.remedy));
        }
    }
    if !is_all {
        lines.extend(unseen(findings));
    }
    let count = |level| findings.iter().filter(|one| one.level == level).count();
    lines.push(format!(
        "{} faults, {} warnings, {} well, {} could not be looked at, {} left out",
        count("fault"),
        count("warn"),
        count("ok"),
        count("unseen"),
        count("left out")
    ));
    lines.join("\n")
}

/// What could not be looked at, a line for each reason.
fn unseen(findings: &[Finding]) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<&str>)> = vec![];
    for one in findings.iter().filter(|one| one.level == "unseen") {
        let why = one.found.as_deref().unwrap_or_default();
        match reasons.iter_mut().find(|(known, _)| *known == why) {
            Some((_, checks)) => checks.push(one.check),
            None => reasons.push((why, vec![one.check])),
        }
    }
    let line =
        |(why, checks): &(&str, Vec<&str>)| format!("unseen    {}: {why}", checks.join(", "));
    reasons.iter().map(line).collect()
}

/// The same as JSON.
#[must_use]
pub fn json(facts: &Facts, findings: &[Finding]) -> String {
    let count = |level| findings.iter().filter(|one| one.level == level).count();
    let told = json!({
        "at": facts.now,
        "faults": count("fault"),
        "warnings": count("warn"),
        "unseen": count("unseen"),
        "checks": findings,
    });
    format!("{told:#}")
}

/// Every check as the rows of a table of the documents.
#[must_use]
pub fn documented() -> String {
    let row = |one: &super::Check| format!("| `{}` | {} | {} |\n", one.name, one.means, one.remedy);
    all().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Group;

    fn finding(level: &'static str, found: Option<&str>) -> Finding {
        let found = found.map(str::to_owned);
        let (means, remedy) = ("nothing is read", "wait");
        Finding { check: "a-check", group: Group::Work, level, found, means, remedy }
    }

    #[test]
    fn what_is_wrong_is_shown_and_the_rest_is_counted() {
        let findings = [
            finding("ok", None),
            finding("fault", Some("Ada")),
            finding("unseen", Some("away")),
            finding("unseen", Some("away")),
            finding("left out", None),
        ];
        let text = table(&findings, false);
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        assert_eq!(
            lines,
            [
                "fault     a-check  Ada",
                "it means: nothing is read",
                "to do: wait",
                "unseen    a-check, a-check: away",
                "1 faults, 0 warnings, 1 well, 2 could not be looked at, 1 left out",
            ]
        );
        let text = table(&findings, true);
        assert!(text.starts_with("ok        a-check\n") && text.contains("left out  a-check"));
    }
}
