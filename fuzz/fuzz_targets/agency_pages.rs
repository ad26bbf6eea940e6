//! Any body in place of what an agency's account is told: itself, its creators, its totals. Every entry is
//! understood or kept as a reject, ids have one spelling, and no list goes on behind an empty page.

#![no_main]

use std::sync::LazyLock;

use fanvue::{AccessToken, AgencyAsk, AgencyMark, Client, CreatorUuid, Routes};
use heartbeat_fuzz::{Platform, elements, is_name, members, now};
use jiff::{SignedDuration, Timestamp};
use ledger::{Cents, Cursor, Window};
use libfuzzer_sys::fuzz_target;

static TOKEN: LazyLock<AccessToken> = LazyLock::new(|| AccessToken::new("at_1"));
static WINDOW: LazyLock<Window> = LazyLock::new(|| {
    let end = Timestamp::from_second(1_790_164_803).unwrap();
    Window::new(end - SignedDuration::from_hours(24), end).unwrap()
});

fuzz_target!(|body: &[u8]| {
    let (client, _) = Platform::says(200, body).client();
    let text = String::from_utf8_lossy(body);
    let rows = elements(&members(&text)).len();
    check_account(&client);
    check_creators(&client, rows);
    let after = AgencyMark::Cursor(Cursor::new("c").unwrap());
    for mark in [None, Some(AgencyMark::Page(7)), Some(after)] {
        check_totals(&client, mark.as_ref(), rows);
    }
});

fn check_account(client: &Client) {
    let Ok(account) = now(client.me(&TOKEN, Routes::V1)).result else { return };
    assert_eq!(CreatorUuid::new(account.uuid.as_str()).as_ref(), Some(&account.uuid));
    assert!([&account.handle, &account.display_name].into_iter().flatten().all(|n| is_name(n)));
}

fn check_creators(client: &Client, rows: usize) {
    let Ok(page) = now(client.creators_page(&TOKEN, Routes::V1, 1)).result else { return };
    assert_eq!(page.creators.len() + page.rejects.len(), rows);
    assert!(0 < rows || !page.has_more);
    for creator in &page.creators {
        assert_eq!(CreatorUuid::new(creator.uuid.as_str()).as_ref(), Some(&creator.uuid));
        let names = [&creator.handle, &creator.display_name, &creator.role];
        assert!(names.into_iter().flatten().all(|name| is_name(name)));
    }
}

fn check_totals(client: &Client, mark: Option<&AgencyMark>, rows: usize) {
    let ask = AgencyAsk { window: *WINDOW, creators: &[], mark };
    let Ok(page) = now(client.agency_earnings_page(&TOKEN, Routes::V1, &ask)).result else {
        return;
    };
    assert_eq!(page.days.len() + page.rejects.len(), rows);
    for day in &page.days {
        assert_eq!(CreatorUuid::new(day.creator.as_str()).as_ref(), Some(&day.creator));
        assert!([day.gross, day.net].iter().all(|cents| cents.0.abs() <= Cents::MAX.0));
    }
    match (page.next, mark) {
        // Pages are counted on, and only while they hold something.
        (Some(AgencyMark::Page(page)), None) => assert!(page == 2 && 0 < rows),
        (Some(AgencyMark::Page(page)), Some(_)) => assert!(page == 8 && 0 < rows),
        (Some(AgencyMark::Cursor(cursor)), _) => {
            assert!(!cursor.as_str().contains(char::is_control));
        }
        (None, _) => {}
    }
}
