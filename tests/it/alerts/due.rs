//! What is late and what is missed, and what is neither.

use serde_json::json;

use super::{AGENCY, OTHER, POSTS, SHIFTS, Stage, counts};

#[tokio::test]
async fn a_shift_that_nobody_clocked_in_for_is_told_and_no_other() {
    let stage = Stage::set().await;
    let start = "2026-11-21T09:00:00Z";
    stage.shift(AGENCY, "Late", "2026-11-21T09:49:59Z").await;
    stage.shift(AGENCY, "Edge", "2026-11-21T09:50:00Z").await;
    stage.shift(AGENCY, "Old", "2026-11-19T09:59:59Z").await;
    for status in ["in_progress", "completed", "missed", "cancelled"] {
        let shift = stage.shift(AGENCY, status, start).await;
        let sql = format!("update shifts set status = '{status}' where id = '{shift}'");
        stage.db.sql(&sql).await;
    }
    stage.shift(AGENCY, "Dismissed", start).await;
    stage.db.sql("delete from profiles where username = 'Dismissed'").await;
    let there = stage.shift(AGENCY, "There", start).await;
    stage.clock_in(&there, true, "2026-11-21T09:55:00Z", None).await;
    let before = stage.shift(AGENCY, "Before", start).await;
    stage.clock_in(&before, false, "2026-11-21T01:00:00Z", Some("2026-11-21T09:30:00Z")).await;
    let left = stage.shift(AGENCY, "Left", start).await;
    stage.clock_in(&left, false, "2026-11-21T01:00:00Z", Some("2026-11-21T09:05:00Z")).await;
    let forgot = stage.shift(AGENCY, "Forgot", "2026-11-21T08:30:00Z").await;
    stage.clock_in(&forgot, false, "2026-11-20T08:00:00Z", None).await;

    let report = stage.tick(SHIFTS).await;
    assert_eq!(counts(&report, ["found", "sent", "unfinished"]), [3, 3, 0]);
    assert_eq!(
        stage.telegram.taken(),
        ["Roma: 3 shifts have begun, and nobody has clocked in.\n\
          • Forgot, “Chat”: Sat 21 Nov, 09:30 CET\n\
          • Left, “Chat”: Sat 21 Nov, 10:00 CET\n\
          • Late, “Chat”: Sat 21 Nov, 10:49 CET\n\
          Perhaps somebody can check in with them."]
    );
    // Once, and the one on the edge as soon as it is past.
    assert_eq!(counts(&stage.tick(SHIFTS).await, ["found", "sent"]), [0, 0]);
    stage.advance(1);
    assert_eq!(counts(&stage.tick(SHIFTS).await, ["found", "sent"]), [1, 1]);
    let taken = stage.telegram.taken();
    assert_eq!(taken.len(), 2);
    assert!(taken[1].contains("• Edge, “Chat”: Sat 21 Nov, 10:50 CET"), "{taken:?}");
}

#[tokio::test]
async fn whoever_came_late_and_named_no_shift_came_all_the_same() {
    let stage = Stage::set().await;
    let tardy = stage.shift(AGENCY, "Tardy", "2026-11-21T09:00:00Z").await;
    stage.clock_in(&tardy, false, "2026-11-21T09:40:00Z", None).await;
    // Of this one eight hours were over by then.
    let next_day = stage.shift(AGENCY, "Next day", "2026-11-20T09:00:00Z").await;
    stage.clock_in(&next_day, false, "2026-11-20T17:00:00Z", None).await;
    // And this one came for another shift.
    let early = stage.shift(AGENCY, "Two shifts", "2026-11-21T08:00:00Z").await;
    let other = stage.shift(AGENCY, "Other", "2026-11-21T09:30:00Z").await;
    stage
        .db
        .sql(&format!(
            "update shifts set employee_id = (select employee_id from shifts where id = '{early}')
              where id = '{other}'"
        ))
        .await;
    stage.clock_in(&other, true, "2026-11-21T09:35:00Z", None).await;
    assert_eq!(counts(&stage.tick(SHIFTS).await, ["found", "sent"]), [2, 2]);
    let taken = stage.telegram.taken().remove(0);
    assert!(taken.contains("• Next day, ") && taken.contains("• Two shifts, "), "{taken}");
}

/// Both shifts begin at half past two by the clock on the wall, an hour apart.
#[tokio::test]
async fn late_is_counted_in_time_that_passed_and_not_by_the_clock_on_the_wall() {
    let autumn = Stage::at("2026-10-25T01:35:00Z").await;
    autumn.shift(AGENCY, "First", "2026-10-25T00:30:00Z").await;
    autumn.shift(AGENCY, "Second", "2026-10-25T01:30:00Z").await;
    assert_eq!(counts(&autumn.tick(SHIFTS).await, ["sent"]), [1]);
    autumn.advance(6 * 60);
    assert_eq!(counts(&autumn.tick(SHIFTS).await, ["sent"]), [1]);
    let taken = autumn.telegram.taken();
    assert!(taken[0].contains("• First, “Chat”: Sun 25 Oct, 02:30 CEST\n"), "{taken:?}");
    assert!(taken[1].contains("• Second, “Chat”: Sun 25 Oct, 02:30 CET\n"), "{taken:?}");

    // Seven minutes and an hour by the clock on the wall, which went from two to three.
    let spring = Stage::at("2026-03-29T01:05:00Z").await;
    spring.shift(AGENCY, "Soon", "2026-03-29T00:58:00Z").await;
    spring.post(AGENCY, "Night", "2026-03-28T23:30:00Z").await;
    assert_eq!(counts(&spring.tick(SHIFTS).await, ["found", "sent"]), [0, 0]);
    assert_eq!(counts(&spring.tick(POSTS).await, ["found", "sent"]), [0, 0]);
    spring.advance(3 * 60 + 1);
    assert_eq!(counts(&spring.tick(SHIFTS).await, ["found", "sent"]), [1, 1]);
    assert!(spring.telegram.taken()[0].contains("01:58 CET"));
}

#[tokio::test]
async fn a_post_whose_time_passed_two_hours_ago_is_missed_and_told_and_no_other() {
    let stage = Stage::set().await;
    stage.post(AGENCY, "missed", "2026-11-21T07:59:59Z").await;
    stage.post(AGENCY, "edge", "2026-11-21T08:00:00Z").await;
    for status in ["idea", "draft", "posted", "cancelled"] {
        stage.post(AGENCY, status, "2026-11-21T07:00:00Z").await;
        let sql = format!("update content_tasks set status = '{status}' where title = '{status}'");
        stage.db.sql(&sql).await;
    }
    stage.post(AGENCY, "said so late", "2026-11-21T07:00:00Z").await;
    stage.post(AGENCY, "unplanned", "2026-11-21T07:00:00Z").await;
    let changes = "update content_tasks set posted_at = scheduled_at where title = 'said so late';
                   update content_tasks set scheduled_at = null where title = 'unplanned'";
    stage.db.sql(changes).await;

    let report = stage.tick(POSTS).await;
    assert_eq!(counts(&report, ["found", "sent", "unfinished"]), [1, 1, 0]);
    assert_eq!(report["alerts"][0]["state"], "sent");
    assert_eq!(report["alerts"][0]["dueAt"], "2026-11-21T07:59:59Z");
    assert_eq!(
        stage.telegram.taken(),
        ["Roma: a post has missed its time.\n\
          • “missed”, on instagram, for Ada: Sat 21 Nov, 08:59 CET\n\
          There is still time to post, or to plan anew."]
    );
    let missed = "select title, updated_at = '2026-11-21T10:00:00Z' from content_tasks
                   where status = 'missed'";
    assert_eq!(stage.db.sql(missed).await, [["missed", "t"]]);
}

#[tokio::test]
async fn a_post_is_told_again_only_when_it_was_planned_for_another_time() {
    let stage = Stage::set().await;
    stage.post(AGENCY, "reel", "2026-11-21T07:00:00Z").await;
    stage.tick(POSTS).await;
    // Planned for the same time again: it is missed, and that is known.
    let again = "update content_tasks set status = 'scheduled'";
    stage.db.sql(again).await;
    let report = stage.tick(POSTS).await;
    assert_eq!(counts(&report, ["found", "sent"]), [1, 0]);
    assert_eq!(stage.telegram.taken().len(), 1);
    let later =
        "update content_tasks set status = 'scheduled', scheduled_at = '2026-11-21T12:00:00Z'";
    stage.db.sql(later).await;
    stage.advance(4 * 3_600 + 1);
    assert_eq!(counts(&stage.tick(POSTS).await, ["found", "sent"]), [1, 1]);
    assert_eq!(stage.telegram.taken().len(), 2);
}

#[tokio::test]
async fn agencies_are_told_apart_even_where_their_shifts_have_the_same_id() {
    let stage = Stage::set().await;
    stage.add_other_agency().await;
    let start = "2026-11-21T09:00:00Z";
    let (mia, noa) =
        (stage.shift(AGENCY, "Mia", start).await, stage.shift(OTHER, "Noa", start).await);
    let pia = stage.shift(AGENCY, "Pia", start).await;
    stage.shift(OTHER, "Lia", start).await;
    // Noa is there, for a shift with the id of Mia's; and Pia is somebody of the other agency.
    let same = format!(
        "update shifts set id = '{mia}' where id = '{noa}';
         insert into timesheets (agency_id, employee_id, shift_id, clock_in)
         select agency_id, employee_id, id, '{start}' from shifts
          where agency_id = '{OTHER}' and id = '{mia}';
         update profiles set agency_id = '{OTHER}'
          where id = (select employee_id from shifts where id = '{pia}')"
    );
    stage.db.sql(&same).await;
    assert_eq!(counts(&stage.tick(SHIFTS).await, ["found", "sent"]), [3, 3]);
    let taken = stage.telegram.taken();
    let [roma, lima] = taken.as_slice() else { panic!("{taken:?}") };
    assert!(roma.starts_with("Roma: 2 shifts") && roma.contains("• Mia, "), "{roma}");
    assert!(roma.contains("• “Chat”: "), "{roma}");
    assert!(lima.starts_with("Lima: a shift") && lima.contains("• Lia, "), "{lima}");
    assert!(lima.contains("04:00"), "by the clock of Lima: {lima}");
    for (text, foreign) in [(roma, ["Noa", "Lia", "Pia"]), (lima, ["Mia", "Noa", "Pia"])] {
        assert!(!foreign.iter().any(|name| text.contains(name)), "{text}");
    }
}

#[tokio::test]
async fn a_name_is_shown_as_it_is_on_one_line_and_is_no_markup() {
    let stage = Stage::set().await;
    let name = "*Mia* <b>_x_</b> [a](b)\n• Eve";
    let shift = stage.shift(AGENCY, name, "2026-11-21T09:00:00Z").await;
    let sql = format!("update shifts set title = '{}' where id = '{shift}'", "x".repeat(500));
    stage.db.sql(&sql).await;
    let report = stage.tick(SHIFTS).await;
    assert_eq!(report["sent"], json!(1));
    assert!(!report.to_string().contains("Mia"), "the report names nobody: {report}");
    let text = stage.telegram.taken().remove(0);
    let line = format!("• *Mia* <b>_x_</b> [a](b) • Eve, “{}…”: Sat", "x".repeat(40));
    assert_eq!(text.lines().nth(1).map(|shown| shown.starts_with(&line)), Some(true), "{text}");
    assert_eq!(text.lines().count(), 3);
}

#[tokio::test]
async fn of_an_older_systems_past_posts_are_missed_after_all_others_and_nobody_is_told() {
    let stage = Stage::set().await;
    let past = format!(
        "insert into content_tasks (agency_id, title, platform, content_type, status, scheduled_at)
         select '{AGENCY}', 'past', 'x', 'post', 'scheduled',
                '2026-11-19T09:59:59Z'::timestamptz - i * interval '1 hour'
           from generate_series(1, 600) as i"
    );
    stage.db.sql(&past).await;
    stage.post(AGENCY, "edge", "2026-11-19T10:00:00Z").await;
    stage.post(AGENCY, "reel", "2026-11-21T07:00:00Z").await;
    assert_eq!(counts(&stage.tick(POSTS).await, ["found", "sent", "unfinished"]), [500, 2, 1]);
    assert_eq!(counts(&stage.tick(POSTS).await, ["found", "sent", "unfinished"]), [102, 0, 0]);
    let taken = stage.telegram.taken();
    assert_eq!(taken.len(), 1);
    assert!(taken[0].contains("“edge”") && taken[0].contains("“reel”"), "{taken:?}");
    assert_eq!(stage.states().await, [["sent", "1"]; 2]);
    let left = "select count(*) from content_tasks where status <> 'missed'";
    assert_eq!(stage.db.sql(left).await, [["0"]]);
}

/// From Saturday to Tuesday no schedule ran.
#[tokio::test]
async fn what_passed_while_nobody_looked_is_counted_in_one_line() {
    let stage = Stage::set().await;
    stage.add_other_agency().await;
    stage.shift(AGENCY, "Mia", "2026-11-21T09:00:00Z").await;
    stage.post(AGENCY, "reel", "2026-11-21T07:00:00Z").await;
    for path in [SHIFTS, POSTS] {
        assert_eq!(counts(&stage.tick(path).await, ["found", "sent"]), [1, 1]);
    }
    for (name, start) in [
        ("older", "2026-11-21T20:00:00Z"),
        ("old", "2026-11-22T09:59:59Z"),
        ("new", "2026-11-24T07:00:00Z"),
    ] {
        stage.shift(AGENCY, name, start).await;
        stage.post(AGENCY, name, start).await;
    }
    // Nobody was ever told of this agency: what is old there is an older system's past.
    stage.shift(OTHER, "past", "2026-11-21T20:00:00Z").await;
    stage.shift(AGENCY, "past", "2026-11-18T20:00:00Z").await;
    stage.advance(3 * 86_400);
    for path in [SHIFTS, POSTS] {
        assert_eq!(counts(&stage.tick(path).await, ["found", "sent"])[1], 3, "{path}");
        assert_eq!(counts(&stage.tick(path).await, ["found", "sent"]), [0, 0], "{path}");
    }
    let taken = stage.telegram.taken();
    let [_, _, shifts, posts] = taken.as_slice() else { panic!("{taken:?}") };
    for text in [shifts, posts] {
        assert!(text.starts_with("Roma: 3 "), "{text}");
        assert!(text.contains("new") && text.contains("\n… and 2 older ones.\n"), "{text}");
        assert_eq!(text.matches('•').count(), 1, "{text}");
    }
}
