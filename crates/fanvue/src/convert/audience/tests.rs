use ledger::{Cents, Cursor};

use super::*;
use crate::testkit::at;

const ADA: &str = "0b9c0c6e-3d5b-4a53-9b0e-2f6f3b9a1001";
const NOW: &str = "2026-09-04T10:00:00Z";

fn people(list: PeopleList, rows: &[String]) -> (Vec<i64>, Vec<String>) {
    let text = format!(r#"{{"data":[{}],"nextCursor":null}}"#, rows.join(","));
    let page = people_page(&text, list, None, at(NOW)).unwrap();
    assert_eq!(page.next, None);
    let reasons = page.rejects.iter().map(|reject| reject.reason.to_string()).collect();
    (page.people.iter().map(|one| one.counts).collect(), reasons)
}

#[test]
fn who_has_a_subscription_that_runs_is_a_subscriber() {
    let row = |rest: &str| format!(r#"{{"uuid":"{ADA}","handle":"ada"{rest}}}"#);
    let with = |status: &str, end: &str| {
        row(&format!(
            r#","subscription":{{"status":"{status}","currentPeriodEnd":{end}}},"firstSubscribedAt":null"#
        ))
    };
    let (past, future) = (r#""2026-09-04T09:59:59.000Z""#, r#""2026-09-05T00:00:00.000Z""#);
    let rows = [
        row(""),
        row(r#","subscription":null"#),
        with("active", future),
        with("active", "null"),
        with("cancelled", future),
        with("cancelled", past),
        with("cancelled", "null"),
        with("pending_confirmation", future),
        with("paused", future),
        with("hibernating", future),
    ];
    let (counts, rejects) = people(PeopleList::Subscribers, &rows);
    assert_eq!(counts, [1, 1, 1, 1, 1, 0, 1, 0, 0, 1]);
    assert!(rejects.is_empty());
}

#[test]
fn a_person_is_known_by_their_uuid_and_an_entry_without_one_is_a_reject() {
    let rows = [
        format!(r#"{{"uuid":"{ADA}"}}"#),
        format!(r#"{{"id":"{}"}}"#, ADA.to_uppercase()),
        r#"{"handle":"ada"}"#.to_owned(),
        r#"{"uuid":"ada"}"#.to_owned(),
        "null".to_owned(),
    ];
    let text = format!(r#"{{"data":[{}],"pagination":{{"hasMore":true}}}}"#, rows.join(","));
    let page = people_page(&text, PeopleList::Followers, None, at(NOW)).unwrap();
    assert_eq!(page.next, Some(AgencyMark::Page(2)));
    let [one, other] = page.people.as_slice() else { panic!("{page:?}") };
    assert_eq!(one, other, "however it is spelt");
    let reasons: Vec<_> = page.rejects.iter().map(|reject| reject.reason.to_string()).collect();
    assert_eq!(reasons, ["uuid is missing", "uuid is no uuid", "the row is not an object"]);
}

#[test]
fn a_chat_counts_what_is_unread_in_it() {
    let row = |count: &str| {
        format!(r#"{{"isRead":false,"unreadMessagesCount":{count},"user":{{"uuid":"{ADA}"}}}}"#)
    };
    let rows = [
        row("0"),
        row("3.0"),
        row("-1"),
        row("1.5"),
        row("null"),
        r#"{"unreadMessagesCount":1}"#.to_owned(),
    ];
    let (counts, rejects) = people(PeopleList::Chats, &rows);
    assert_eq!(counts, [0, 3]);
    assert_eq!(
        rejects,
        [
            "unreadMessagesCount is no plausible count",
            "unreadMessagesCount has a fraction of a cent",
            "unreadMessagesCount is missing",
            "user is missing",
        ]
    );
}

#[test]
fn a_list_that_does_not_say_where_it_goes_on_has_no_end() {
    for text in [r#"{"data":[]}"#, "{}", "[]", "<html>", r#"{"data":[],"pagination":{}}"#] {
        assert!(people_page(text, PeopleList::Chats, None, at(NOW)).is_err(), "{text}");
        assert!(changes_page(text).is_err(), "{text}");
        assert!(tracking_links_page(text).is_err(), "{text}");
    }
}

#[test]
fn an_empty_page_that_says_that_more_follows_is_an_error_and_one_that_does_not_is_the_end() {
    let hollow = "an empty page says that more follows";
    let people = |text: &str, asked: Option<&AgencyMark>| {
        people_page(text, PeopleList::Followers, asked, at(NOW)).map(|page| page.next)
    };
    for asked in [None, Some(AgencyMark::Page(7)), Cursor::new("c2").map(AgencyMark::Cursor)] {
        let asked = asked.as_ref();
        assert_eq!(people(r#"{"data":[],"nextCursor":"c3"}"#, asked), Err(hollow));
        let text = r#"{"data":[],"nextCursor":null,"pagination":{"hasMore":true}}"#;
        assert_eq!(people(text, asked), Err(hollow));
        let text = r#"{"data":[],"nextCursor":null,"pagination":{"hasMore":false}}"#;
        assert_eq!(people(text, asked), Ok(None));
    }
    let text = r#"{"data":[],"nextCursor":"c2"}"#;
    assert_eq!(changes_page(text), Err(hollow));
    assert_eq!(tracking_links_page(text), Err(hollow));
    let more = |more| format!(r#"{{"data":[],"pagination":{{"hasMore":{more}}}}}"#);
    assert_eq!(top_spenders(&more(true)), Err(hollow));
    assert!(top_spenders(&more(false)).unwrap().spenders.is_empty());
}

#[test]
fn what_the_account_says_of_itself_is_a_number_or_not_known() {
    assert_eq!(unread_messages(r#"{"unreadChatsCount":2,"unreadMessagesCount":17}"#), Ok(17));
    for text in ["{}", r#"{"unreadMessagesCount":null}"#, r#"{"unreadMessagesCount":"17"}"#] {
        assert!(unread_messages(text).is_err(), "{text}");
    }
    let told = |posts, likes| Ok(Profile { posts, likes });
    for (text, want) in [
        (r#"{"likesCount":11,"contentCounts":{"postCount":90}}"#, told(Some(90), Some(11))),
        (r#"{"likesCount":0,"contentCounts":null}"#, told(None, Some(0))),
        (r#"{"likesCount":-1,"contentCounts":{"postCount":0}}"#, told(Some(0), None)),
        (r#"{"isCreator":false}"#, Err("neither postCount nor likesCount")),
    ] {
        assert_eq!(profile(text), want, "{text}");
    }
}

#[test]
fn days_of_changes_have_their_instant_and_both_counts() {
    let good = r#"{"date":"2024-01-05T23:00:00.000Z","total":-2,"newSubscribersCount":3,
        "cancelledSubscribersCount":5}"#;
    let bad = good.replace("\"newSubscribersCount\":3,", "");
    let text = format!(r#"{{"data":[{good},{bad}],"nextCursor":"c2"}}"#);
    let page = changes_page(&text).unwrap();
    let want = Changes { at: at("2024-01-05T23:00:00Z"), new: 3, cancelled: 5 };
    assert_eq!((page.days, page.next), (vec![want], Cursor::new("c2")));
    assert_eq!(page.rejects[0].reason.to_string(), "newSubscribersCount is missing");
}

#[test]
fn who_spent_most_is_told_with_whole_cents() {
    let row = |gross: &str, user: &str| {
        format!(r#"{{"gross":{gross},"net":800,"messages":4,"user":{user}}}"#)
    };
    let ada = format!(r#"{{"uuid":"{ADA}","handle":"ada","displayName":"Ada","nickname":null}}"#);
    let rows = [row("1000.0", &ada), row("10.5", &ada), row("1", "null")].join(",");
    let told = top_spenders(&format!(r#"{{"data":[{rows}],"pagination":{{}}}}"#)).unwrap();
    let [one] = told.spenders.as_slice() else { panic!("{told:?}") };
    assert_eq!((one.gross, one.net, one.messages), (Cents(1000), Cents(800), 4));
    assert_eq!((one.fan.id.as_str(), one.fan.handle.as_deref()), (ADA, Some("ada")));
    assert_eq!(told.rejects.len(), 2);
}

#[test]
fn a_new_link_has_no_earnings_and_that_is_not_zero() {
    let link = |rest: &str| {
        format!(
            r#"{{"uuid":"{ADA}","name":"Bio","linkUrl":"fv-123","externalSocialPlatform":"reddit",
                "createdAt":"2026-09-01T00:00:00.000Z","clicks":12{rest}}}"#
        )
    };
    let earned = r#","engagement":{"acquiredFollowers":3,"acquiredSubscribers":1},
        "earnings":{"totalGross":999,"totalNet":799}"#;
    let rows = [
        link(""),
        link(r#","engagement":null,"earnings":null"#),
        link(earned),
        link(r#","earnings":{}"#),
        link("").replace("\"clicks\":12", "\"clicks\":\"12\""),
    ];
    let text = format!(r#"{{"data":[{}],"nextCursor":null}}"#, rows.join(","));
    let page = tracking_links_page(&text).unwrap();
    let told: Vec<_> =
        page.links.iter().map(|link| (link.followers, link.subscribers, link.gross)).collect();
    let new = (None, None, None);
    assert_eq!(told, [new, new, (Some(3), Some(1), Some(Cents(999)))]);
    assert_eq!(page.links[0].url, "fv-123");
    let reasons: Vec<_> = page.rejects.iter().map(|reject| reject.reason.to_string()).collect();
    assert_eq!(reasons, ["totalGross is missing", "clicks is not a number"]);
}
