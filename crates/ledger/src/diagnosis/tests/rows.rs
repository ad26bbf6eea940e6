//! Causes that rows prove.

use std::collections::HashSet;

use super::*;

const DAY: &str = "2026-11-01";
const NOON: &str = "2026-11-01T12:00:00Z";
const YESTERDAY: &str = "2026-11-20T12:00:00Z";

/// One day of those rows.
fn compared(theirs: &[Earning], ours: &[Booked], foreign: &[&str]) -> Facts {
    let foreign: HashSet<String> = foreign.iter().map(|key| (*key).to_owned()).collect();
    let differences = compare_rows(theirs, ours, &foreign);
    let gross = |earning: &Earning| earning.gross;
    let theirs =
        Sum { cents: theirs.iter().map(gross).sum(), rows: i64::try_from(theirs.len()).unwrap() };
    let on = theirs_day(&differences).unwrap_or_else(|| DAY.parse().unwrap());
    let day = DayFacts {
        on,
        sales: Sum {
            cents: ours.iter().map(|row| row.earning.gross).sum(),
            rows: i64::try_from(ours.len()).unwrap(),
        },
        rewards: Sum::default(),
        reversals: Sum::default(),
        platform: PlatformDay::Rows { sum: theirs, differences },
    };
    facts(vec![day], reading())
}

fn theirs_day(differences: &[RowDifference]) -> Option<Date> {
    differences.first().map(|row| day_of(row.at))
}

#[test]
fn rows_that_agree_are_no_difference_whatever_their_order() {
    let rows = [sale(NOON, Some("to_1"), 500), sale(NOON, None, 700), sale(NOON, None, 700)];
    let ours = [booked(rows[2].clone(), 2), booked(rows[0].clone(), 1), booked(rows[1].clone(), 1)];
    assert!(causes(&compared(&rows, &ours, &[])).is_empty());
    let twice = once(vec![rows[0].clone(), rows[0].clone(), rows[1].clone(), rows[1].clone()]);
    assert_eq!(twice.len(), 3, "only an id shows that it is the same row");
}

#[test]
fn a_missing_row_is_late_or_nobody_knows() {
    let late = compared(&[sale(YESTERDAY, Some("to_1"), 500)], &[], &[]);
    assert_eq!(causes(&late), [(Cause::LateRows, -500)]);
    let old = compared(&[sale(NOON, Some("to_1"), 500)], &[], &[]);
    assert_eq!(causes(&old), [(Cause::Unknown, -500)]);
    let part = diagnose(&old).parts.remove(0);
    assert_eq!((part.remedy, part.rows[0].key.as_str()), (Remedy::ForceSync, "to_1"));
    assert!(part.ruled_out.contains(&Cause::PageEdgeLoss));
}

#[test]
fn a_sale_behind_the_watermark_is_not_due_or_was_not_told_of() {
    let mut facts = compared(&[sale("2026-11-21T09:57:00Z", Some("to_1"), 500)], &[], &[]);
    assert_eq!(causes(&facts), [(Cause::StaleCheckpoint, -500)]);
    facts.reading.last_told_at = Some(at(YESTERDAY));
    assert_eq!(causes(&facts), [(Cause::MissedWebhook, -500)]);
    facts.told = vec![Told {
        at: at("2026-11-21T09:57:01Z"),
        gross: Cents(500),
        order: OrderId::new("to_1"),
        is_open: true,
        expires_at: at("2026-11-24T09:57:01Z"),
    }];
    assert!(causes(&facts).is_empty(), "it is shown");
}

#[test]
fn a_webhook_that_found_no_row_in_time_is_why_it_is_missing() {
    let mut facts = compared(&[sale(NOON, Some("to_1"), 500)], &[], &[]);
    facts.told = vec![Told {
        at: at(NOON),
        gross: Cents(500),
        order: None,
        is_open: false,
        expires_at: at("2026-11-04T12:00:00Z"),
    }];
    assert_eq!(causes(&facts), [(Cause::UnmatchedWebhook, -500)]);
}

#[test]
fn money_that_was_taken_back_and_is_still_shown() {
    let refund = Earning { source: Source::Refund, ..sale(NOON, Some("to_2"), -500) };
    assert_eq!(causes(&compared(&[refund], &[], &[])), [(Cause::ReversalNotSeen, 500)]);
}

#[test]
fn equal_rows_without_ids_of_which_fewer_are_held() {
    let twin = sale(NOON, None, 500);
    let facts = compared(&[twin.clone(), twin.clone()], &[booked(twin, 1)], &[]);
    assert_eq!(causes(&facts), [(Cause::PageEdgeLoss, -500)]);
}

#[test]
fn a_row_that_is_held_twice_or_is_somebody_elses() {
    let row = sale(NOON, Some("to_1"), 500);
    let copy = booked(Earning { order_id: None, ..row.clone() }, 1);
    let facts = compared(std::slice::from_ref(&row), &[booked(row.clone(), 1), copy], &[]);
    assert_eq!(causes(&facts), [(Cause::DuplicateRows, 500)]);
    let ours = [booked(row, 1)];
    assert_eq!(causes(&compared(&[], &ours, &["to_1"])), [(Cause::WrongEndpoint, 500)]);
    assert_eq!(causes(&compared(&[], &ours, &[])), [(Cause::Unknown, 500)]);
}

#[test]
fn an_amount_that_is_not_the_price() {
    let theirs = Earning {
        total: Some(Cents(2_900)),
        currency: Some("BRL".into()),
        ..sale(NOON, Some("to_1"), 500)
    };
    let ours = booked(Earning { gross: Cents(2_900), ..theirs.clone() }, 1);
    assert_eq!(causes(&compared(&[theirs], &[ours], &[])), [(Cause::Currency, 2_400)]);
}

#[test]
fn a_row_whose_key_is_of_another_content_was_changed_by_hand() {
    let theirs = sale(NOON, None, 500);
    let mut ours = booked(theirs.clone(), 1);
    ours.earning.gross = Cents(900);
    assert_eq!(causes(&compared(&[theirs], &[ours], &[])), [(Cause::ManualEdit, 400)]);

    let theirs = sale(NOON, Some("to_1"), 500);
    let ours = booked(Earning { gross: Cents(900), ..theirs.clone() }, 1);
    let mut facts = compared(&[theirs], &[ours], &[]);
    assert_eq!(causes(&facts), [(Cause::Unknown, 400)], "the platform may have amended it");
    (facts.total, facts.rollup) = (Some(sum(500, 1)), sum(500, 1));
    let on = DAY.parse().unwrap();
    facts.drifted = vec![DriftedDay { on, rollup: sum(500, 1), ledger: sum(900, 1) }];
    assert_eq!(causes(&facts), [(Cause::ManualEdit, -400), (Cause::ManualEdit, 400)]);
}

#[test]
fn a_row_that_is_no_money_is_named_though_its_amount_is_not_known() {
    let reject = RejectedRow {
        key: "to_1".into(),
        at: Some(at(NOON)),
        gross: None,
        reason: "gross has a fraction of a cent".into(),
        is_future: false,
    };
    let platform =
        PlatformDay::Rows { sum: sum(1_000, 2), differences: vec![reject.difference(at(NOON))] };
    let facts = facts(vec![day(DAY, 1_000, platform)], reading());
    assert_eq!(causes(&facts), [(Cause::RejectedRow, 0)]);
    assert_eq!(diagnose(&facts).parts[0].rows[0].rows(), -1);
}

/// A sale of [`NOON`] that somebody changed by hand, or took away.
fn edit(key: &str, before: i64, after: Option<i64>) -> HandEdit {
    HandEdit {
        key: key.to_owned(),
        at: at(NOON),
        is_reversal: false,
        before: Cents(before),
        after: after.map(Cents),
        changed_at: at(YESTERDAY),
    }
}

#[test]
fn what_is_written_down_of_a_hand_names_it_though_all_sums_agree() {
    let theirs = sale(NOON, Some("to_1"), 500);
    let mut gone = compared(std::slice::from_ref(&theirs), &[], &[]);
    assert_eq!(causes(&gone), [(Cause::Unknown, -500)]);
    gone.edits = vec![edit("to_1", 500, None)];
    assert_eq!(causes(&gone), [(Cause::ManualEdit, -500)]);
    let part = diagnose(&gone).parts.remove(0);
    let names: Vec<_> = part.figures.iter().map(|figure| figure.name).collect();
    assert_eq!(names, ["changedBy", "changedAt", "beforeCents"]);
    assert_eq!(part.remedy, Remedy::ForceSync);
    let ours = booked(sale(NOON, Some("to_1"), 900), 1);
    let mut changed = compared(&[theirs], &[ours], &[]);
    changed.edits = vec![edit("to_1", 500, Some(900))];
    assert_eq!(causes(&changed), [(Cause::ManualEdit, 400)]);
    changed.edits = vec![edit("to_1", 500, Some(800)), edit("to_2", 500, Some(900))];
    assert_eq!(causes(&changed), [(Cause::Unknown, 400)], "of another row, or changed again");
}

#[test]
fn a_row_without_an_id_that_a_hand_took_is_known_by_instant_and_amount() {
    let mut gone = compared(&[sale(NOON, None, 500)], &[], &[]);
    gone.edits = vec![edit("~5f5f~1", 700, None)];
    assert_eq!(causes(&gone), [(Cause::Unknown, -500)]);
    gone.edits.push(edit("~5f5f~1", 500, None));
    assert_eq!(causes(&gone), [(Cause::ManualEdit, -500)]);
}

#[test]
fn a_total_is_explained_where_all_that_a_hand_did_that_day_comes_to_it() {
    let mut short = facts(vec![day(DAY, 500, total(900))], reading());
    short.edits = vec![edit("to_1", 300, None), edit("to_2", 300, Some(200))];
    assert_eq!(causes(&short), [(Cause::ManualEdit, -400)]);
    short.edits[0].is_reversal = true;
    assert_eq!(causes(&short), [(Cause::Unknown, -400)], "totals leave it out");
}
