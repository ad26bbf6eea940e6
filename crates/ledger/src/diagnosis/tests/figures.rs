//! Causes that sums, totals and the state of the reading prove.

use super::*;

const OLD: &str = "2026-11-01";
const TODAY: &str = "2026-11-21";

/// What a sale of five dollars is missing for, with that reading.
fn missing(on: &str, reading: Reading) -> Vec<(Cause, i64)> {
    causes(&facts(vec![day(on, 1_000, total(1_500))], reading))
}

#[test]
fn what_agrees_needs_no_cause() {
    let facts = facts(vec![day(OLD, 1_000, total(1_000))], reading());
    let diagnosis = diagnose(&facts);
    assert_eq!((diagnosis.difference, diagnosis.platform), (Cents::ZERO, Some(Cents(1_000))));
    assert!(diagnosis.parts.is_empty());
}

#[test]
fn what_was_not_read_is_missing_for_what_stands_in_the_way() {
    let new = Reading { watermark: None, tried_at: None, rows: 0, ..reading() };
    let with = |change: fn(&mut ConnectionFacts)| {
        let mut connection = connection();
        change(&mut connection);
        Reading { connection: Some(connection), ..reading() }
    };
    let refused = |refusal| Reading { refusal: Some(refusal), ..reading() };
    let failed = Reading { attempts: 2, last_error: Some("500".into()), ..reading() };
    for (reading, cause) in [
        (new.clone(), Cause::NeverSynced),
        (Reading { connection: None, ..new }, Cause::NeverSynced),
        (Reading { watermark: None, ..reading() }, Cause::BackfillUnfinished),
        (Reading { connection: None, ..reading() }, Cause::TokenRevoked),
        (with(|one| one.is_active = false), Cause::TokenRevoked),
        (with(|one| one.expires_at = at("2026-11-21T09:00:00Z")), Cause::TokenExpired),
        (with(|one| one.missing_scopes.push("read:insights".into())), Cause::ScopeMissing),
        (refused(Refusal::Forbidden), Cause::ScopeMissing),
        (refused(Refusal::NotManaged), Cause::WrongEndpoint),
        (
            Reading { paused_until: Some(at("2026-11-21T10:01:00Z")), ..reading() },
            Cause::RateLimited,
        ),
        (
            Reading { lease_expires_at: Some(at("2026-11-21T09:59:00Z")), ..reading() },
            Cause::InterruptedRun,
        ),
        (failed, Cause::InterruptedRun),
        (
            Reading { watermark: Some(at("2026-11-21T08:00:00Z")), ..reading() },
            Cause::StaleCheckpoint,
        ),
    ] {
        let mut facts = facts(vec![day(TODAY, 1_000, total(1_500))], reading);
        facts.lately = Some(Cents(500));
        assert_eq!(causes(&facts), [(cause, -500)], "{:?}", facts.reading);
        assert!(!diagnose(&facts).parts[0].figures.is_empty(), "{cause:?} without a figure");
    }
}

#[test]
fn a_total_alone_names_no_cause_of_a_day_that_was_read() {
    for on in [OLD, TODAY] {
        assert_eq!(missing(on, reading()), [(Cause::Unknown, -500)], "{on}");
    }
    let facts = facts(vec![day(OLD, 1_000, total(1_500))], reading());
    let part = diagnose(&facts).parts.remove(0);
    assert_eq!(part.remedy, Remedy::AskRows);
    assert!(part.ruled_out.contains(&Cause::StaleCheckpoint));
    let late = Reading { unexplained_until: Some(at("2026-11-21T10:30:00Z")), ..reading() };
    assert_eq!(missing(OLD, late), [(Cause::LateRows, -500)]);
}

#[test]
fn of_the_day_in_which_reading_ended_only_what_was_sold_after_it_is_not_read() {
    let stale = Reading { watermark: Some(at("2026-11-21T08:00:00Z")), ..reading() };
    let mut facts = facts(vec![day(TODAY, 1_000, total(1_500))], stale.clone());
    assert_eq!(facts.ended_amid(), stale.watermark);
    let (stale_part, unknown) = (Cause::StaleCheckpoint, Cause::Unknown);
    for (lately, wanted) in [
        (None, vec![(unknown, -500)]),
        (Some(0), vec![(unknown, -500)]),
        (Some(200), vec![(stale_part, -200), (unknown, -300)]),
        (Some(900), vec![(stale_part, -500)]),
    ] {
        facts.lately = lately.map(Cents);
        assert_eq!(causes(&facts), wanted, "{lately:?}");
    }
    for (day, reading) in [
        (day(TODAY, 1_000, total(1_500)), reading()),
        (day(TODAY, 1_500, total(1_500)), stale.clone()),
        (day(OLD, 1_000, total(1_500)), stale),
    ] {
        let facts = super::facts(vec![day], reading);
        assert_eq!(facts.ended_amid(), None, "nothing that it would tell");
    }
}

#[test]
fn rows_that_were_asked_for_and_not_compared_are_said_so() {
    let mut facts = facts(vec![day(OLD, 1_000, total(1_000))], reading());
    facts.unread = Some(Unheard::TooMany);
    let diagnosis = diagnose(&facts);
    assert_eq!(causes(&facts), [(Cause::Unknown, 0)]);
    let part = &diagnosis.parts[0];
    assert_eq!((part.remedy, diagnosis.is_partly), (Remedy::AskFewer, true));
    assert!(part.is_unheard() && diagnosis.platform == Some(Cents(1_000)));
    let days = Figure::new("daysByTotal", Value::Count(1));
    assert!(part.figures.contains(&days), "{:?}", part.figures);
}

#[test]
fn what_may_be_the_cause_is_not_ruled_out() {
    let ruled_out = |facts: &Facts| diagnose(facts).parts.remove(0).ruled_out;
    let mut facts = facts(vec![day(OLD, 1_000, total(1_500))], reading());
    let set_aside = [Cause::RejectedRow, Cause::ClockSkew];
    assert!(set_aside.iter().all(|cause| ruled_out(&facts).contains(cause)));
    assert!(
        !ruled_out(&facts).contains(&Cause::Currency),
        "a total in dollars is no proof of rows"
    );
    facts.has_more_rejects = true;
    assert!(!set_aside.iter().any(|cause| ruled_out(&facts).contains(cause)));
    facts.has_more_rejects = false;
    facts.rejects = vec![RejectedRow {
        key: "to_1".into(),
        at: Some(at("2026-11-01T12:00:00Z")),
        gross: None,
        reason: "gross has a fraction of a cent".into(),
        is_future: false,
    }];
    assert!(!ruled_out(&facts).contains(&Cause::RejectedRow), "its amount is not known");
    assert!(ruled_out(&facts).contains(&Cause::ClockSkew));
    facts.rejects[0].at = Some(at("2026-11-02T12:00:00Z"));
    assert!(ruled_out(&facts).contains(&Cause::RejectedRow), "it is another day's");
    facts.days[0].rewards = sum(10, 1);
    facts.days[0].platform = total(1_600);
    assert!(!ruled_out(&facts).contains(&Cause::SummaryVersusRows), "rewards may be left out");
    facts.told = vec![Told {
        at: at("2026-11-01T23:00:00Z"),
        gross: Cents(9_000),
        order: None,
        is_open: false,
        expires_at: at("2026-11-04T23:00:00Z"),
    }];
    assert!(!ruled_out(&facts).contains(&Cause::UnmatchedWebhook));
    let today = super::facts(vec![day(TODAY, 1_000, total(1_500))], reading());
    assert!(!ruled_out(&today).contains(&Cause::StaleCheckpoint), "the day is not over");
    assert!(ruled_out(&today).contains(&Cause::RateLimited), "nothing stands in the way");
}

#[test]
fn totals_leave_out_reversals_and_maybe_rewards() {
    let mut one = day(OLD, 1_000, total(1_000));
    one.reversals = sum(-300, 1);
    one.rewards = sum(40, 1);
    let told = [(Cause::SummaryVersusRows, -300), (Cause::SummaryVersusRows, 40)];
    assert_eq!(causes(&facts(vec![one.clone()], reading())), told);
    one.platform = total(1_040);
    assert_eq!(causes(&facts(vec![one], reading())), [(Cause::SummaryVersusRows, -300)]);
}

#[test]
fn another_currency_is_not_compared() {
    let platform = PlatformDay::Total { gross: Cents(900), currency: Some("EUR".into()) };
    let facts = facts(vec![day(OLD, 1_000, platform)], reading());
    assert_eq!(causes(&facts), [(Cause::Currency, 100)]);
}

#[test]
fn sums_that_drifted_are_told_from_rows_that_were_changed() {
    let mut total_drifted = facts(vec![day(OLD, 1_000, total(1_000))], reading());
    total_drifted.total = Some(sum(400, 1));
    assert_eq!(causes(&total_drifted), [(Cause::DriftedTotal, -600)]);

    let on = OLD.parse().unwrap();
    let drift = |rollup, ledger| DriftedDay { on, rollup: sum(rollup, 1), ledger: sum(ledger, 1) };
    let mut day_drifted = facts(vec![day(OLD, 1_000, total(1_000))], reading());
    (day_drifted.total, day_drifted.rollup) = (Some(sum(700, 1)), sum(700, 1));
    day_drifted.drifted = vec![drift(700, 1_000)];
    assert_eq!(causes(&day_drifted), [(Cause::DriftedRollup, -300)]);

    let mut edited = facts(vec![day(OLD, 1_300, total(1_000))], reading());
    (edited.total, edited.rollup) = (Some(sum(1_000, 1)), sum(1_000, 1));
    edited.drifted = vec![drift(1_000, 1_300)];
    assert_eq!(causes(&edited), [(Cause::ManualEdit, -300), (Cause::ManualEdit, 300)]);
}

#[test]
fn a_month_whose_sums_drifted_is_told_once_and_is_shown() {
    let drift = |on: &str, is_month, source: Option<&str>, kept, days| DriftedSum {
        on: on.parse().unwrap(),
        is_month,
        source: source.map(str::to_owned),
        kept: sum(kept, 1),
        days: sum(days, 1),
        net: (Cents(kept), Cents(days)),
    };
    let mut facts = facts(vec![day(OLD, 1_000, total(1_000))], reading());
    facts.sums = vec![
        drift("2026-11-01", true, Some("tip"), 500, 1_000),
        drift("2026-11-01", true, None, 500, 1_000),
        drift("2026-11-07", false, None, 500, 1_000),
        drift("2026-10-01", true, Some("tip"), 90, 60),
        drift("2026-10-01", true, Some("post"), 60, 90),
        drift("2026-09-03", false, None, 10, 0),
        drift("2026-09-04", false, None, 10, 0),
    ];
    let told = [20, 0, -500].map(|cents| (Cause::DriftedRollup, cents));
    assert_eq!(causes(&facts), told);
    let mut diagnosis = diagnose(&facts);
    assert_eq!((diagnosis.shown.cents, diagnosis.difference), (Cents(520), Cents(-480)));
    let days: Vec<_> = diagnosis.parts.iter().map(|part| part.on.unwrap().to_string()).collect();
    assert_eq!(days, ["2026-09-01", "2026-10-01", "2026-11-07"], "the only day, or the month");
    diagnosis.note_sums_of_all(&facts.sums);
    let (difference, all) = (diagnosis.difference, diagnosis.all_too_much);
    assert_eq!((difference, all), (Cents(-480), Some(Cents(-480))), "it is nobody's money");
    assert!(
        diagnosis.parts[3..].iter().all(|part| part.cents == Cents::ZERO && !part.is_unheard())
    );
}

#[test]
fn days_of_another_zone_are_an_edge() {
    let mut facts = facts(vec![day(OLD, 1_000, total(1_000))], reading());
    (facts.total, facts.rollup, facts.ledger) = (None, sum(1_200, 2), sum(1_200, 2));
    assert_eq!(causes(&facts), [(Cause::TimeZoneEdge, 200)]);
}

#[test]
fn what_a_webhook_told_of_is_shown_and_missing_only_where_the_platform_has_no_row() {
    let told = |gross| Told {
        at: at("2026-11-21T09:58:00Z"),
        gross: Cents(gross),
        order: None,
        is_open: true,
        expires_at: at("2026-11-24T09:58:00Z"),
    };
    let mut facts = facts(vec![day(TODAY, 1_000, total(1_500))], reading());
    facts.told = vec![told(500)];
    assert!(causes(&facts).is_empty(), "it is shown, and the platform has it");
    facts.told.push(told(250));
    assert_eq!(causes(&facts), [(Cause::UnmatchedWebhook, 250)]);
}

#[test]
fn a_row_that_was_set_aside_is_what_its_day_lacks() {
    for (is_future, cause) in [(false, Cause::RejectedRow), (true, Cause::ClockSkew)] {
        let mut facts = facts(vec![day(OLD, 1_000, total(1_500))], reading());
        facts.rejects = vec![RejectedRow {
            key: "to_1".into(),
            at: Some(at("2026-11-01T12:00:00Z")),
            gross: Some(Cents(500)),
            reason: "net is missing".into(),
            is_future,
        }];
        assert_eq!(causes(&facts), [(cause, -500)]);
    }
}

#[test]
fn whoever_was_not_heard_is_not_compared_and_says_why() {
    let failed = Unheard::Failed { reason: "500".into() };
    let until = at("2026-11-21T10:01:00Z");
    for (unheard, cause, remedy) in [
        (Unheard::Throttled { until }, Cause::RateLimited, Remedy::Wait),
        (Unheard::Ended { reason: "x".into() }, Cause::TokenRevoked, Remedy::Reconnect),
        (Unheard::Expired { reason: "x".into() }, Cause::TokenExpired, Remedy::Refresh),
        (Unheard::Forbidden { reason: "x".into() }, Cause::ScopeMissing, Remedy::Reconnect),
        (Unheard::NotManaged { reason: "x".into() }, Cause::WrongEndpoint, Remedy::Reconnect),
        (Unheard::OnlyRows, Cause::Unknown, Remedy::AskRows),
        (Unheard::LeftOut, Cause::Unknown, Remedy::AskRows),
        (Unheard::TooMany, Cause::Unknown, Remedy::AskFewer),
        (failed.clone(), Cause::Unknown, Remedy::Wait),
    ] {
        let mut facts = facts(vec![day(OLD, 1_000, PlatformDay::Unheard)], reading());
        facts.unheard = Some(unheard);
        assert_eq!(causes(&facts), [(cause, 0)]);
        let diagnosis = diagnose(&facts);
        assert_eq!((diagnosis.platform, diagnosis.parts[0].remedy), (None, remedy));
    }
    let interrupted = Reading { attempts: 1, last_error: Some("500".into()), ..reading() };
    let mut facts = facts(vec![], interrupted);
    facts.unheard = Some(failed);
    assert_eq!(causes(&facts), [(Cause::InterruptedRun, 0)]);
    facts.rollup = sum(100, 1);
    let told = [(Cause::DriftedTotal, -100), (Cause::Unknown, 100), (Cause::InterruptedRun, 0)];
    assert_eq!(causes(&facts), told, "what else is unknown does not hide it");
}
