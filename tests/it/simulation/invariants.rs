//! The invariants that need no memory but the books before an op.

use std::collections::{BTreeMap, BTreeSet};

use app::report::{CreatorReport, CreatorState};
use jiff::{Timestamp, tz::TimeZone};

use super::{
    truth::{Content, Fact, count},
    view::{CreatorView, RowView, StreamView, SumKey, View},
};

/// Invariant 1: shown total = Σ rollup = Σ ledger, day by day.
pub fn sums_agree(creator: &CreatorView, zone: &TimeZone) -> Result<(), String> {
    let mut ledger = (0, 0, 0);
    let mut days = BTreeMap::<_, (i64, i64, i64)>::new();
    for row in creator.rows.values() {
        ledger = (ledger.0 + row.gross, ledger.1 + row.net, ledger.2 + 1);
        let key = (row.at.to_zoned(zone.clone()).date(), row.source.clone());
        let day = days.entry(key).or_default();
        *day = (day.0 + row.gross, day.1 + row.net, day.2 + 1);
    }
    if creator.shown != ledger {
        return Err(format!("{:?} is shown, the ledger holds {ledger:?}", creator.shown));
    }
    if creator.days != days {
        return Err(format!("the rollup says {:?}, the ledger {days:?}", creator.days));
    }
    Ok(())
}

/// Invariant 1 for the coarser sums: each is that of its days, over creators, sources and months.
pub fn coarse_sums_agree(view: &View) -> Result<(), String> {
    let mut wanted = BTreeMap::<SumKey, (i64, i64, i64)>::new();
    for creator in view.creators.values() {
        for ((day, source), (gross, net, count)) in &creator.days {
            let (month, id, of) = (day.first_of_month(), Some(creator.id), Some(source.clone()));
            for key in [
                (false, *day, None, None),
                (false, *day, None, of.clone()),
                (false, *day, id, None),
                (true, month, None, of.clone()),
                (true, month, id, None),
                (true, month, id, of),
            ] {
                let sum = wanted.entry(key).or_default();
                *sum = (sum.0 + gross, sum.1 + net, sum.2 + count);
            }
        }
    }
    wanted.retain(|_, sum| *sum != (0, 0, 0));
    let differs = |key: &&SumKey| wanted.get(*key) != view.sums.get(*key);
    match wanted.keys().chain(view.sums.keys()).find(differs) {
        None => Ok(()),
        Some(key) => {
            let (kept, wanted) = (view.sums.get(key), wanted.get(key));
            Err(format!("of {key:?} the sum is {kept:?}, and that of its days {wanted:?}"))
        }
    }
}

/// Invariants 2 and 4: never more of anything than the platform shows or has shown.
pub fn no_row_too_many(
    creator: &CreatorView,
    facts: &[Fact],
    now: Timestamp,
) -> Result<(), String> {
    let shown = facts.iter().filter(|fact| fact.is_earning() && fact.visible_at <= now);
    let mut shown: BTreeMap<_, _> = shown.map(|fact| (fact.id.as_str(), fact)).collect();
    let mut anonymous = vec![];
    for row in creator.rows.values() {
        let Some(order) = row.order() else {
            anonymous.push(row);
            continue;
        };
        match shown.remove(order) {
            Some(fact) if fact.contents().any(|content| content == row.content()) => {}
            Some(fact) => return Err(format!("{row:?} was never what {fact:?} said")),
            None => return Err(format!("nothing that shows has the id of {row:?}")),
        }
    }
    let known = count(shown.values().flat_map(|fact| fact.contents().collect::<BTreeSet<_>>()));
    for (content, held) in count(anonymous.iter().map(|row| row.content())) {
        let known = known.get(&content).copied().unwrap_or(0);
        if known < held {
            return Err(format!("the ledger holds {held} more of {content:?}, Fanvue {known}"));
        }
    }
    Ok(())
}

/// Invariants 3 and 5, and status: rows stay unless two reads lacked them, as-of and status only
/// move on.
pub fn nothing_goes_back(
    before: &CreatorView,
    after: &CreatorView,
    asked_for_history: bool,
    may_be_void: &BTreeMap<Content, usize>,
) -> Result<(), String> {
    if after.as_of < before.as_of && !asked_for_history {
        return Err(format!("as-of went back from {:?} to {:?}", before.as_of, after.as_of));
    }
    let gone = before.rows.iter().filter(|(id, _)| !after.rows.contains_key(id));
    for (content, gone) in count(gone.map(|(_, row)| row.content())) {
        if may_be_void.get(&content).copied().unwrap_or(0) < gone {
            return Err(format!("{gone} of {content:?} are gone"));
        }
    }
    for (id, row) in &before.rows {
        let Some(now) = after.rows.get(id) else { continue };
        let available = |row: &RowView| row.status.as_deref() == Some("availableForPayout");
        if available(row) && !available(now) {
            return Err(format!("the status of {now:?} went back"));
        }
        if row.order().is_some() && row.order() != now.order() {
            return Err(format!("{row:?} changed its id to {}", now.key));
        }
    }
    Ok(())
}

/// Invariant 4 for webhooks: what they told and what is booked are together no more than what happened.
pub fn nothing_is_told_twice(creator: &CreatorView, facts: &[Fact]) -> Result<(), String> {
    let kind = |source: &str| match source {
        "renewal" => "subscription".to_owned(),
        "mediaLink" => "message".to_owned(),
        other => other.to_owned(),
    };
    let rows = creator.rows.values().map(|row| (kind(&row.source), row.gross, row.fan.clone()));
    let open = creator.hints.iter().filter(|hint| hint.state == "open");
    let open = open.map(|hint| (kind(&hint.source), hint.gross, hint.fan.clone()));
    let happened = facts.iter().filter(|fact| fact.is_earning()).flat_map(|fact| {
        let amounts: BTreeSet<_> = fact.contents().map(|content| content.2).collect();
        amounts.into_iter().map(|gross| (kind(&fact.source), gross, fact.fan.clone()))
    });
    let happened = count(happened);
    for (what, shown) in count(rows.chain(open)) {
        let happened = happened.get(&what).copied().unwrap_or(0);
        if happened < shown {
            let hints = creator.hints.iter().filter(|hint| hint.gross == what.1);
            let hints: Vec<_> =
                hints.map(|h| format!("{} {} {}", h.at, h.family, h.state)).collect();
            let rows = creator.rows.values().filter(|row| row.gross == what.1 && row.fan == what.2);
            let rows: Vec<_> = rows.map(|row| row.at.to_string()).collect();
            return Err(format!(
                "{shown} of {what:?} are shown, {happened} ever happened: webhooks {hints:?}, rows {rows:?}"
            ));
        }
    }
    Ok(())
}

/// Invariant 5: only what was gone is noted as absent, which is the evidence for a void.
pub fn absence_is_true(creator: &CreatorView, facts: &[Fact]) -> Result<(), String> {
    let absent = creator.absent.iter().filter_map(|id| creator.rows.get(id));
    let gone = facts.iter().filter(|fact| !fact.gone.is_empty());
    let gone = count(gone.flat_map(|fact| fact.contents().collect::<BTreeSet<_>>()));
    for (content, absent) in count(absent.map(RowView::content)) {
        let gone = gone.get(&content).copied().unwrap_or(0);
        if gone < absent {
            return Err(format!("{absent} of {content:?} are noted as absent, {gone} ever were"));
        }
    }
    Ok(())
}

/// Invariant 6 for totals: a creator that they confirm has every sale booked that they could tell of.
pub fn what_totals_confirm_is_booked(
    before: &CreatorView,
    after: &CreatorView,
    facts: &[Fact],
    began_at: Timestamp,
) -> Result<(), String> {
    let stream = &after.stream;
    let (Some(as_of), Some(confirmed_at)) = (after.as_of, stream.confirmed_at) else {
        return Ok(());
    };
    if before.stream.confirmed_at == Some(confirmed_at) || stream.read_at == Some(confirmed_at) {
        return Ok(());
    }
    let told = facts.iter().filter(|fact| {
        fact.is_earning()
            && !fact.is_reversal()
            && fact.before.is_empty()
            && fact.gone.is_empty()
            && (as_of..confirmed_at).contains(&fact.at)
            && fact.shows_since() < began_at
    });
    let booked = count(after.rows.values().map(RowView::content));
    for (content, told) in count(told.map(Fact::content)) {
        let booked = booked.get(&content).copied().unwrap_or(0);
        if booked < told {
            return Err(format!(
                "totals confirm it at {confirmed_at}: {told} of {content:?}, {booked} booked"
            ));
        }
    }
    Ok(())
}

/// Invariant 6 for totals: within one tick they confirm no creator whose read goes on.
pub fn who_is_being_read_is_not_confirmed(
    before: &StreamView,
    after: &StreamView,
) -> Result<(), String> {
    let by_totals = after.confirmed_at != after.read_at;
    if 0 < before.open_windows && by_totals && before.confirmed_at != after.confirmed_at {
        return Err(format!("totals confirm it while it is read: {after:?}"));
    }
    Ok(())
}

/// Invariant 6: a creator is as fresh as her last complete read, or as totals say; no failure makes her
/// younger.
fn fresh_is_what_was_read(
    report: &CreatorReport,
    before: &StreamView,
    after: &StreamView,
) -> Result<(), String> {
    let failed = report.state == CreatorState::Failed && report.pages == 0;
    let is_younger = (before.read_at, before.confirmed_at) != (after.read_at, after.confirmed_at);
    if failed && is_younger {
        return Err(format!("a failure made it younger: {after:?}"));
    }
    let is_read = after.open_windows == 0 && after.last_error.is_none();
    if before.read_at != after.read_at && !is_read {
        return Err(format!("it was not read to the end: {after:?}"));
    }
    Ok(())
}

/// Refusals are counted one by one, and a read that came to its end forgets them. So does an unchanged
/// total, before the tick reads.
fn refusals_are_counted(
    report: &CreatorReport,
    before: &StreamView,
    after: &StreamView,
) -> Result<(), String> {
    let is_right = match report.state {
        CreatorState::Complete if 0 < report.pages => after.refusals == 0,
        CreatorState::Refused if report.pages == 0 => {
            [before.refusals + 1, 1].contains(&after.refusals)
        }
        _ => true,
    };
    let wrong = || format!("{} refusals became {after:?}: {report:?}", before.refusals);
    if is_right { Ok(()) } else { Err(wrong()) }
}

/// Invariants 4 and 6, from the report of a single undisturbed tick.
pub fn report_is_true(
    report: &CreatorReport,
    before: &CreatorView,
    after: &CreatorView,
    latest_ours: Timestamp,
) -> Result<(), String> {
    let failed = matches!(report.state, CreatorState::Failed | CreatorState::Disconnected);
    if failed && report.pages == 0 {
        if (before.as_of, before.rows.len()) != (after.as_of, after.rows.len()) {
            return Err(format!("an attempt that read nothing changed something: {report:?}"));
        }
        if report.state == CreatorState::Failed
            && after.stream.attempts != before.stream.attempts + 1
        {
            return Err(format!(
                "{} failed attempts became {} by another one",
                before.stream.attempts, after.stream.attempts
            ));
        }
        if after.stream.last_error.is_none() && report.state == CreatorState::Failed {
            return Err(format!("a failure was not written down: {report:?}"));
        }
    }
    fresh_is_what_was_read(report, &before.stream, &after.stream)?;
    refusals_are_counted(report, &before.stream, &after.stream)?;
    let told = (report.cents.0, report.net_cents.0);
    let change = (after.shown.0 - before.shown.0, after.shown.1 - before.shown.1);
    if told != change {
        return Err(format!("{change:?} were booked, {told:?} are told: {report:?}"));
    }
    if 0 < report.pages && report.as_of != after.as_of {
        return Err(format!("as-of is {:?}, and told is {report:?}", after.as_of));
    }
    if report.error.as_ref().is_some_and(|error| error.contains("the database did not take")) {
        return Err(format!("our own rows were refused: {report:?}"));
    }
    if report.state == CreatorState::Complete && after.stream.last_error.is_some() {
        return Err(format!("complete, but {:?}", after.stream.last_error));
    }
    if after.stream.lease_token.is_some()
        && after.stream.lease_token != before.stream.lease_token
        && after.stream.lease_expires_at.is_some_and(|at| latest_ours < at)
    {
        return Err(format!("the tick is over and holds its lease: {report:?}"));
    }
    Ok(())
}
