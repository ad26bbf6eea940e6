//! Whatever the facts are, the parts add up to the difference.

use proptest::prelude::*;

use super::*;

fn any_sum() -> impl Strategy<Value = Sum> {
    (-5_000_i64..5_000, 0_i64..9).prop_map(|(cents, rows)| sum(cents, rows))
}

fn any_difference() -> impl Strategy<Value = RowDifference> {
    let amount = || proptest::option::of((-900_i64..900).prop_map(Cents));
    let clue = prop_oneof![
        Just(Clue::None),
        Just(Clue::Reversal),
        Just(Clue::Twin),
        Just(Clue::Repeated),
        Just(Clue::Edited),
        Just(Clue::Foreign),
        Just(Clue::Rejected { reason: "x".into(), dated: None, is_future: true }),
    ];
    (amount(), amount(), clue, 0_i64..40).prop_map(|(theirs, ours, clue, hours)| RowDifference {
        key: format!("to_{hours}"),
        at: before(hours),
        theirs,
        ours,
        clue,
    })
}

fn any_platform() -> impl Strategy<Value = PlatformDay> {
    let total = (-900_i64..5_000, any::<bool>()).prop_map(|(cents, is_usd)| PlatformDay::Total {
        gross: Cents(cents),
        currency: Some(if is_usd { "USD" } else { "EUR" }.to_owned()),
    });
    let rows = (any_sum(), proptest::collection::vec(any_difference(), 0..4))
        .prop_map(|(sum, differences)| PlatformDay::Rows { sum, differences });
    prop_oneof![Just(PlatformDay::Unheard), total, rows]
}

fn any_day() -> impl Strategy<Value = DayFacts> {
    (0_i64..40, any_sum(), any_sum(), any_sum(), any_platform()).prop_map(
        |(hours, sales, rewards, reversals, platform)| DayFacts {
            on: day_of(before(hours)),
            sales,
            rewards,
            reversals,
            platform,
        },
    )
}

fn any_told() -> impl Strategy<Value = Told> {
    (0_i64..40, 0_i64..900, any::<bool>()).prop_map(|(hours, cents, is_open)| Told {
        at: before(hours),
        gross: Cents(cents),
        order: OrderId::new(&format!("to_{hours}")),
        is_open,
        expires_at: now(),
    })
}

fn any_drift() -> impl Strategy<Value = DriftedDay> {
    (0_i64..40, any_sum(), any_sum()).prop_map(|(hours, rollup, ledger)| DriftedDay {
        on: day_of(before(hours)),
        rollup,
        ledger,
    })
}

fn any_coarse() -> impl Strategy<Value = DriftedSum> {
    let amounts = (any_sum(), any_sum(), -900_i64..900);
    (0_i64..2_000, any::<bool>(), any::<bool>(), amounts).prop_map(
        |(hours, is_month, is_of_source, (kept, days, net))| DriftedSum {
            on: day_of(before(hours)),
            is_month,
            source: is_of_source.then(|| "tip".to_owned()),
            kept,
            days,
            net: (Cents(net), Cents::ZERO),
        },
    )
}

fn any_reject() -> impl Strategy<Value = RejectedRow> {
    (0_i64..40, proptest::option::of(0_i64..900)).prop_map(|(hours, cents)| RejectedRow {
        key: "x".into(),
        at: Some(before(hours)),
        gross: cents.map(Cents),
        reason: "y".into(),
        is_future: false,
    })
}

fn before(hours: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() - hours * 3_600).unwrap()
}

proptest! {
    #[test]
    fn parts_always_add_up(
        days in proptest::collection::vec(any_day(), 0..5),
        told in proptest::collection::vec(any_told(), 0..4),
        drifted in proptest::collection::vec(any_drift(), 0..3),
        rejects in proptest::collection::vec(any_reject(), 0..3),
        sums in proptest::collection::vec(any_coarse(), 0..5),
        (total, rollup, ledger) in (proptest::option::of(any_sum()), any_sum(), any_sum()),
        (is_unheard, is_unread, lately) in
            (any::<bool>(), any::<bool>(), proptest::option::of(-900_i64..900)),
    ) {
        let unheard = is_unheard.then_some(Unheard::TooMany);
        let unread = is_unread.then_some(Unheard::TooMany);
        let facts = Facts {
            total, rollup, ledger, told, drifted, sums, rejects, unheard, unread,
            lately: lately.map(Cents),
            ..facts(days, reading())
        };
        let diagnosis = diagnose(&facts);
        let explained: Cents = diagnosis.parts.iter().map(|part| part.cents).sum();
        prop_assert_eq!(explained, diagnosis.difference);
        for part in &diagnosis.parts {
            let rows: Cents = part.rows.iter().map(RowDifference::cents).sum();
            prop_assert!(part.rows.is_empty() || rows == part.cents, "{part:?}");
        }
    }
}
