//! What people read: one short message for all that is due in an agency, in plain text and in its zone.

use jiff::{Timestamp, tz::TimeZone};
use store::{Alert, AlertKind};

use super::NEWS_SECONDS;

/// Shifts or posts that a message lists; the rest is counted. So the longest message is far shorter than the
/// 4,096 characters that Telegram takes.
const LINES_MAX: usize = 10;
/// The longest name that is shown, in characters.
const NAME_CHARS_MAX: usize = 40;

/// The message for these alerts, all of one agency. Of those that were no news any more when they were found it
/// says how many.
pub(super) fn write(kind: AlertKind, alerts: &[Alert]) -> String {
    let Some(first) = alerts.first() else { return String::new() };
    let zone = TimeZone::get(&first.timezone).unwrap_or(TimeZone::UTC);
    let mut lines = vec![];
    if alerts.iter().any(|alert| alert.is_doubtful) {
        lines.push("You may have this already: it was not confirmed the last time.".to_owned());
    }
    lines.push(heading(kind, &shown(&first.agency_name), alerts.len()));
    let (older, news): (Vec<_>, Vec<_>) = alerts.iter().partition(|alert| is_old(alert));
    lines.extend(news.iter().take(LINES_MAX).map(|alert| line(kind, alert, &zone)));
    if LINES_MAX < news.len() {
        lines.push(format!("… and {} more.", news.len() - LINES_MAX));
    }
    match (news.is_empty(), older.len()) {
        (_, 0) => {}
        (true, _) => {
            lines.push("That was more than two days ago: nobody looked meanwhile.".to_owned())
        }
        (false, 1) => lines.push("… and an older one.".to_owned()),
        (false, count) => lines.push(format!("… and {count} older ones.")),
    }
    let ending = match kind {
        AlertKind::LateShift => "Perhaps somebody can check in with them.",
        AlertKind::MissedPost => "There is still time to post, or to plan anew.",
    };
    lines.push(ending.to_owned());
    lines.join("\n")
}

/// Whether it was no news any more when it was found: the schedules stood still meanwhile.
fn is_old(alert: &Alert) -> bool {
    NEWS_SECONDS < alert.noted_at.duration_since(alert.due_at).as_secs()
}

fn heading(kind: AlertKind, agency: &str, count: usize) -> String {
    match (kind, count) {
        (AlertKind::LateShift, 1) => {
            format!("{agency}: a shift has begun, and nobody has clocked in.")
        }
        (AlertKind::LateShift, _) => {
            format!("{agency}: {count} shifts have begun, and nobody has clocked in.")
        }
        (AlertKind::MissedPost, 1) => format!("{agency}: a post has missed its time."),
        (AlertKind::MissedPost, _) => format!("{agency}: {count} posts have missed their time."),
    }
}

/// `• Mia, “Evening chat”, for Ada: Sat 21 Nov, 10:30 CET`
fn line(kind: AlertKind, alert: &Alert, zone: &TimeZone) -> String {
    let title = named(alert.title.as_deref()).map(|title| format!("“{title}”"));
    let about = match kind {
        AlertKind::LateShift => [named(alert.person.as_deref()), title],
        AlertKind::MissedPost => {
            let platform = named(alert.platform.as_deref()).map(|name| format!("on {name}"));
            [title, platform]
        }
    };
    let creator = named(alert.creator.as_deref()).map(|name| format!("for {name}"));
    let mut parts: Vec<_> = about.into_iter().flatten().collect();
    if parts.is_empty() {
        parts.push("Without a name".to_owned());
    }
    parts.extend(creator);
    format!("• {}: {}", parts.join(", "), clock(alert.due_at, zone))
}

/// An instant as a clock in that zone shows it, with the name of the offset: twice a year an hour of a
/// night comes twice.
fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %-d %b, %H:%M %Z").to_string()
}

fn named(name: Option<&str>) -> Option<String> {
    name.map(shown).filter(|name| !name.is_empty())
}

/// A name as a message may hold it: on one line, short, and without characters that can't be seen or that
/// turn the line around.
fn shown(name: &str) -> String {
    let visible = name.chars().filter(|c| !is_hidden(*c));
    let spaced: String = visible.map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(NAME_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Nothing to see, or a turn of the line: spaces of no width, marks of direction.
fn is_hidden(c: char) -> bool {
    let ranges = ['\u{200B}'..='\u{200F}', '\u{202A}'..='\u{202E}', '\u{2060}'..='\u{206F}'];
    c == '\u{FEFF}' || ranges.iter().any(|range| range.contains(&c))
}

#[cfg(test)]
mod tests {
    use ledger::AgencyId;
    use uuid::Uuid;

    use super::*;

    fn alert(due_at: &str) -> Alert {
        Alert {
            agency: AgencyId(Uuid::nil()),
            agency_name: "Agency".to_owned(),
            timezone: "Europe/Rome".to_owned(),
            subject: Uuid::nil(),
            due_at: due_at.parse().unwrap(),
            noted_at: due_at.parse().unwrap(),
            title: Some("Evening chat".to_owned()),
            person: Some("Mia".to_owned()),
            creator: Some("Ada".to_owned()),
            platform: None,
            attempts: 1,
            is_doubtful: false,
        }
    }

    #[test]
    fn a_message_is_short_and_says_when_by_the_agencys_clock() {
        assert_eq!(
            write(AlertKind::LateShift, &[alert("2026-11-21T09:30:00Z")]),
            "Agency: a shift has begun, and nobody has clocked in.\n\
             • Mia, “Evening chat”, for Ada: Sat 21 Nov, 10:30 CET\n\
             Perhaps somebody can check in with them."
        );
        let post = Alert {
            title: Some("Beach".to_owned()),
            platform: Some("instagram".to_owned()),
            creator: None,
            timezone: "Nowhere/Else".to_owned(),
            is_doubtful: true,
            ..alert("2026-07-01T09:30:00Z")
        };
        assert_eq!(
            write(AlertKind::MissedPost, &[post]),
            "You may have this already: it was not confirmed the last time.\n\
             Agency: a post has missed its time.\n\
             • “Beach”, on instagram: Wed 1 Jul, 09:30 UTC\n\
             There is still time to post, or to plan anew."
        );
    }

    #[test]
    fn of_what_was_no_news_any_more_it_says_how_many() {
        let news = alert("2026-11-23T09:30:00Z");
        let old = Alert { noted_at: news.due_at, ..alert("2026-11-21T09:29:59Z") };
        let edge = Alert { noted_at: news.due_at, ..alert("2026-11-21T09:30:00Z") };
        let both = write(AlertKind::LateShift, &[old.clone(), old.clone(), edge, news.clone()]);
        assert!(both.starts_with("Agency: 4 shifts have begun"), "{both}");
        assert!(both.contains(
            "• Mia, “Evening chat”, for Ada: Mon 23 Nov, 10:30 CET\n… and 2 older ones.\n"
        ));
        assert_eq!(both.matches('•').count(), 2);
        let one = write(AlertKind::MissedPost, &[old.clone(), news]);
        assert!(one.contains("\n… and an older one.\n"), "{one}");
        let none = write(AlertKind::LateShift, &[old]);
        assert!(
            !none.contains('•') && none.contains("\nThat was more than two days ago"),
            "{none}"
        );
    }

    #[test]
    fn the_hour_that_comes_twice_is_told_apart() {
        let zone = TimeZone::get("Europe/Rome").unwrap();
        let clock = |at: &str| clock(at.parse().unwrap(), &zone);
        assert_eq!(clock("2026-10-25T00:30:00Z"), "Sun 25 Oct, 02:30 CEST");
        assert_eq!(clock("2026-10-25T01:30:00Z"), "Sun 25 Oct, 02:30 CET");
    }

    #[test]
    fn a_name_is_one_short_line_whatever_it_holds() {
        for (name, wanted) in [
            ("Mia", "Mia"),
            ("*Mia* <b>_x_</b> [a](b) &amp;", "*Mia* <b>_x_</b> [a](b) &amp;"),
            ("Mia\nAgency 2: all is well\r\n", "Mia Agency 2: all is well"),
            ("\u{202E}aiM\u{200B}\u{2028}x\0y", "aiM x y"),
            ("  \t ", ""),
        ] {
            assert_eq!(shown(name), wanted, "{name:?}");
        }
        assert_eq!(shown(&"é".repeat(41)), format!("{}…", "é".repeat(40)));
        assert_eq!(shown(&"é".repeat(40)), "é".repeat(40));
    }

    #[test]
    fn the_longest_message_is_one_that_telegram_takes() {
        let long = Some("😀".repeat(100));
        let alert = Alert {
            agency_name: "😀".repeat(100),
            title: long.clone(),
            person: long.clone(),
            creator: long.clone(),
            platform: long,
            is_doubtful: true,
            ..alert("2026-11-21T09:30:00Z")
        };
        for kind in [AlertKind::LateShift, AlertKind::MissedPost] {
            let text = write(kind, &vec![alert.clone(); 500]);
            assert!(text.contains("500 ") && text.contains("… and 490 more."), "{text}");
            assert_eq!(text.matches('•').count(), LINES_MAX);
            assert!(text.encode_utf16().count() <= 4_096);
        }
    }

    #[test]
    fn what_has_no_name_is_told_all_the_same() {
        let nameless = Alert {
            title: None,
            person: Some(" ".to_owned()),
            creator: None,
            ..alert("2026-11-21T09:30:00Z")
        };
        for kind in [AlertKind::LateShift, AlertKind::MissedPost] {
            let text = write(kind, std::slice::from_ref(&nameless));
            assert!(text.contains("\n• Without a name: Sat 21 Nov, 10:30 CET\n"), "{text}");
        }
    }
}
