//! Input that makes no sense: as rejects where a row is wrong, as an error where the page is.

use super::*;

#[test]
fn a_row_that_cannot_be_read_exactly_says_which_field_and_why() {
    let big = "9".repeat(30);
    let zeros = format!("1.{}", "0".repeat(60));
    for (with, want) in [
        (r#""gross":10.5"#, "gross has a fraction of a cent"),
        (r#""net":1e-1"#, "net has a fraction of a cent"),
        (r#""gross":"1000""#, "gross is not a number"),
        (r#""gross":true"#, "gross is not a number"),
        (r#""gross":[1]"#, "gross is not a number"),
        (r#""gross":null"#, "gross is missing"),
        (r#""net":null"#, "net is missing"),
        (r#""gross":1e999999999"#, "gross is out of range"),
        (r#""gross":1.5e-2147483648"#, "gross is out of range"),
        (r#""gross":1e99999999999999999999"#, "gross is out of range"),
        (r#""gross":1e13"#, "gross is out of range"),
        (&format!(r#""gross":{big}"#), "gross is out of range"),
        (&format!(r#""gross":{zeros}"#), "gross is out of range"),
        (r#""gross":1000,"gross":1"#, "gross appears twice"),
        (r#""gross":1000,"gros\u0073":1"#, "gross appears twice"),
        (r#""gross":-1000,"net":-800"#, "gross is negative on a sale (sign)"),
        (r#""net":-1"#, "net is negative on a sale (sign)"),
        (r#""net":1001"#, "net is more than gross"),
        (r#""source":"refund""#, "gross is positive on a reversal (sign)"),
        (r#""source":"chargeback","gross":-1"#, "net is positive on a reversal (sign)"),
        (r#""source":null"#, "source is missing"),
        (r#""source":7"#, "source is not text"),
        (r#""source":"lottery""#, "source 'lottery' is not known"),
        (r#""source":"all""#, "source 'all' is not known"),
        (r#""source":"""#, "source '' is not known"),
        (r#""source":"tip","source":"tip""#, "source appears twice"),
        (r#""transactionOrderId":"""#, "transactionOrderId is no plausible id"),
        (r#""transactionOrderId":"~x~1""#, "transactionOrderId is no plausible id"),
        (r#""transactionOrderId":1001"#, "transactionOrderId is no plausible id"),
        (
            r#""transactionOrderId":"a","transactionOrderId":"b""#,
            "transactionOrderId appears twice",
        ),
        (r#""date":null"#, "date is missing"),
        (r#""date":1788516060"#, "date is not text"),
        (r#""date":"2026-09-04""#, "date is not an instant with its offset"),
        (r#""date":"2026-09-04T10:00:00""#, "date is not an instant with its offset"),
        (r#""date":"2026-09-04T10:00:00[UTC]""#, "date is not an instant with its offset"),
        (r#""date":"2026-02-30T10:00:00Z""#, "date is not an instant with its offset"),
        (r#""date":"yesterday""#, "date is not an instant with its offset"),
        (r#""date":"2014-12-31T23:59:59.999Z""#, "date lies before the platform existed"),
        (r#""date":"-009999-01-02T01:59:59Z""#, "date lies before the platform existed"),
        (r#""date":"2026-09-10T00:05:00.001Z""#, "date lies in the future"),
        (r#""date":"9999-12-30T00:00:00Z""#, "date lies in the future"),
        (r#""\ud800":1"#, "the row has a key that is no text"),
    ] {
        assert_eq!(reason_with(with), want, "{with}");
    }
}

#[test]
fn elements_that_are_no_objects_are_rejects() {
    for element in ["17", "null", "true", "[]", r#""row""#, "1e9999999999", "[[{}]]"] {
        let page = page_of(element);
        assert_eq!(page.rejects[0].reason, RejectReason::NotAnObject, "{element}");
        assert_eq!(page.rejects[0].raw, element);
    }
    assert_eq!(page_of("{}").rejects[0].reason, RejectReason::Missing { field: "date" });
}

#[test]
fn an_unknown_source_is_shortened_and_printable() {
    let name = format!("a\\u0007b\\u202e'{}", "x".repeat(100));
    let page = page_of(&row_with(&format!(r#""source":"{name}""#)));
    let RejectReason::UnknownSource { name } = &page.rejects[0].reason else { panic!() };
    assert_eq!(name, &format!("a?b?'{}", "x".repeat(35)));
}

#[test]
fn one_nonsense_row_costs_no_other_and_is_kept_whole() {
    let bad = row_with(r#""gross":"oops""#);
    let good = row_with("");
    let text = format!(r#"{{"data":[{good}, {bad} ,{good}],"nextCursor":"c2"}}"#);
    let page = earnings_page(&text, Feed::Earnings, at(NOW)).unwrap();
    assert_eq!((page.earnings.len(), page.rejects.len()), (2, 1));
    assert_eq!(page.rejects[0].raw, bad);
    assert_eq!(page.next, Cursor::new("c2"));
}

#[test]
fn a_long_reject_is_cut_between_characters() {
    for padding in 0..4 {
        let text = format!("{}{}", "x".repeat(padding), "€".repeat(Reject::RAW_BYTES_MAX));
        let page = page_of(&format!(r#"{{"new":"{text}"}}"#));
        let raw = &page.rejects[0].raw;
        let cut = Reject::RAW_BYTES_MAX - raw.len();
        assert!(cut < 3 && raw.starts_with("{\"new\""), "{cut}");
    }
}

#[test]
fn the_next_cursor_is_a_text_that_can_be_sent_back_or_the_end() {
    let longest = "c".repeat(Cursor::BYTES_MAX);
    for (rest, want) in [
        (String::new(), Ok(None)),
        (r#","nextCursor":null"#.into(), Ok(None)),
        (r#","nextCursor":"""#.into(), Ok(None)),
        (r#","nextCursor":"c/2=""#.into(), Ok(Cursor::new("c/2="))),
        (format!(r#","nextCursor":"{longest}""#), Ok(Cursor::new(&longest))),
        (format!(r#","nextCursor":"{longest}c""#), Err("nextCursor is too long")),
        (r#","nextCursor":7"#.into(), Err("nextCursor is not text")),
        (r#","nextCursor":"a\u0000b""#.into(), Err("nextCursor holds control characters")),
        (r#","nextCursor":{"c":2}"#.into(), Err("nextCursor is not text")),
        (r#","nextCursor":"a","nextCursor":"b""#.into(), Err("nextCursor appears twice")),
    ] {
        let got = earnings_page(&format!(r#"{{"data":[]{rest}}}"#), Feed::Earnings, at(NOW));
        assert_eq!(got.map(|page| page.next), want, "{rest:.40}");
    }
}

#[test]
fn a_page_that_says_or_looks_as_if_there_were_more_is_not_the_last() {
    let row = row_with("");
    let page = |rows: usize, rest: &str| {
        let text = format!(r#"{{"data":[{}]{rest}}}"#, vec![&row[..]; rows].join(","));
        earnings_page(&text, Feed::Earnings, at(NOW)).map(|page| page.next)
    };
    for (rows, rest, want) in [
        (
            1,
            r#","pagination":{"page":1,"size":1,"hasMore":true}"#,
            Err("pagination.hasMore without nextCursor"),
        ),
        (1, r#","pagination":{"page":1,"size":1,"hasMore":false}"#, Ok(None)),
        (1, r#","pagination":7"#, Ok(None)),
        (1, r#","pagination":{"hasMore":true},"nextCursor":"c""#, Ok(Cursor::new("c"))),
        (50, "", Err("a full page without nextCursor")),
        (50, r#","nextCursor":null"#, Ok(None)),
        (49, "", Ok(None)),
    ] {
        assert_eq!(page(rows, rest), want, "{rows} {rest}");
    }
}

/// JSON values that lean towards rows: fields we know with values that may or may not fit.
fn element() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just(r#""2026-09-04T10:00:00.123Z""#.to_owned()),
        Just(r#""tip""#.to_owned()),
        Just(r#""refund""#.to_owned()),
        Just("null".to_owned()),
        Just(r#"{"uuid":"11111111-1111-4111-8111-111111111111"}"#.to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        "-?(0|[1-9][0-9]{0,5})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,12})?",
        "\"[a-z0-9\\-~ ü€]{0,40}\"",
    ];
    let key = prop_oneof![
        Just("date"),
        Just("gross"),
        Just("net"),
        Just("total"),
        Just("currency"),
        Just("source"),
        Just("transactionOrderId"),
        Just("user"),
        Just("new"),
    ];
    let fields = proptest::collection::vec((key, value.clone()), 0..12);
    let object = fields.prop_map(|fields| {
        let fields: Vec<_> = fields.iter().map(|(k, v)| format!(r#""{k}":{v}"#)).collect();
        format!("{{{}}}", fields.join(","))
    });
    prop_oneof![4 => object, 1 => value]
}

proptest! {
    #[test]
    fn no_text_panics(text in ".{0,400}") {
        drop(earnings_page(&text, Feed::Earnings, at(NOW)));
        drop(creators_page(&text));
        drop(account(&text));
        drop(agency_earnings_page(&text, None));
    }

    #[test]
    fn no_value_in_place_of_another_panics(value in element()) {
        for text in [value.clone(), format!(r#"{{"data":{value},"nextCursor":{value}}}"#)] {
            drop(earnings_page(&text, Feed::Earnings, at(NOW)));
            drop(creators_page(&text));
            drop(account(&text));
            drop(agency_earnings_page(&text, None));
        }
    }

    #[test]
    fn every_element_is_an_earning_or_a_reject(
        elements in proptest::collection::vec(element(), 0..=60),
    ) {
        let text = format!(r#"{{"data":[{}],"nextCursor":null}}"#, elements.join(","));
        let page = earnings_page(&text, Feed::Earnings, at(NOW)).unwrap();
        prop_assert_eq!(page.earnings.len() + page.rejects.len(), elements.len());
        for reject in &page.rejects {
            prop_assert!(elements.contains(&reject.raw));
        }
    }

    #[test]
    fn what_a_row_says_is_what_is_read(
        gross in 0..=Cents::MAX.0,
        kept_per_mille in 0..=1000_i64,
        ms in 1_420_070_400_000..1_788_998_400_000_i64,
    ) {
        let net = gross / 1000 * kept_per_mille;
        let date = jiff::Timestamp::from_millisecond(ms).unwrap();
        let earning = earning_with(&format!(r#""date":"{date}","gross":{gross},"net":{net}.00"#));
        prop_assert_eq!(
            (earning.at, earning.gross, earning.net),
            (date, Cents(gross), Cents(net))
        );
    }
}
