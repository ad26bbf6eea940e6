//! What is measured, and what each stands beside.

use std::collections::HashMap;

use fanvue::signature::{sign, verify};
use hmac::{Hmac, KeyInit, Mac};
use ledger::{Booked, Cents, Content, Earning, day_deltas, fan_deltas};
use secrecy::SecretString;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    Failure, Line,
    history::NOW,
    measure::{Took, measure},
    scene::{PAGES_PER_COMMIT, Scene, merge},
};

/// Amounts that are read in one turn.
const AMOUNTS: u32 = 1_000;
/// About as many bytes as make up the content of a row.
const CONTENT_BYTES: usize = 72;
/// About as many bytes as a delivery has.
const DELIVERY_BYTES: usize = 600;
const SECRET: &str = "whsec_of_a_bench";

/// Measures everything.
pub(crate) fn measure_all() -> Result<Vec<Line>, Failure> {
    let scene = Scene::set()?;
    let mut lines = pages(&scene);
    lines.extend([commit(&scene), content(&scene), deltas(&scene), amounts(), signature()]);
    Ok(lines)
}

/// Something that needs no input of its own.
fn again<T>(mut turn: impl FnMut() -> T) -> Took {
    measure(|| (), |()| turn())
}

fn pages(scene: &Scene) -> Vec<Line> {
    let page = &scene.pages[..1];
    let known = || scene.first_booked.clone();
    let untyped = again(|| serde_json::from_slice::<Value>(&scene.first).ok());
    let whole = |booked: Vec<Booked>| {
        let page = scene.platform.page()?;
        Some(scene.news(booked, &[page.earnings]))
    };
    let is_same = |booked: &(&Booked, &Earning)| booked.0.earning == *booked.1;
    vec![
        Line {
            key: "page_convert",
            what: "a page of 50 rows, from the answer's bytes to earnings",
            goal: "",
            took: again(|| scene.platform.page()),
            beside: "limit: the same bytes as untyped JSON",
            beside_took: untyped,
        },
        Line {
            key: "page_merge_new",
            what: "its merge with the books, all rows new, with sums and fans",
            goal: "",
            took: measure(Vec::new, |booked| scene.news(booked, page)),
            beside: "limit: the digests of 50 rows",
            beside_took: again(|| digests(&scene.pages[0])),
        },
        Line {
            key: "page_merge_booked",
            what: "its merge with the books, all rows booked already",
            goal: "",
            took: measure(known, |booked| scene.news(booked, page)),
            beside: "limit: 50 rows compared in order",
            beside_took: again(|| scene.first_booked.iter().zip(&page[0]).filter(is_same).count()),
        },
        Line {
            key: "page_unchanged",
            what: "both: from the bytes of a page without news to nothing to write",
            goal: "≤ 200",
            took: measure(known, whole),
            beside: "limit: the same bytes as untyped JSON",
            beside_took: untyped,
        },
    ]
}

fn digests(page: &[Earning]) -> Vec<Content> {
    page.iter().map(Content::of).collect()
}

/// The books of a commit hold twenty times as many rows as those of a page.
fn commit(scene: &Scene) -> Line {
    let parts = u32::try_from(PAGES_PER_COMMIT).unwrap_or(1);
    let is_booked =
        |told: &&Earning| scene.booked.iter().any(|row| row.earning.order_id == told.order_id);
    let known = || scene.booked.clone();
    Line {
        key: "commit_page_merge_booked",
        what: "a page of the twenty that one commit merges, all booked",
        goal: "",
        took: measure(known, |booked| scene.news(booked, &scene.pages)).each_of(parts),
        beside: "rival: each row looked for among all that are booked",
        beside_took: again(|| scene.pages.iter().flatten().filter(is_booked).count())
            .each_of(parts),
    }
}

fn content(scene: &Scene) -> Line {
    let page = &scene.pages[0];
    let parts = u32::try_from(page.len()).unwrap_or(1);
    let bytes = [7; CONTENT_BYTES];
    Line {
        key: "content",
        what: "the identity of a row without an id",
        goal: "",
        took: again(|| digests(page)).each_of(parts),
        beside: "limit: SHA-256 of as many bytes",
        beside_took: again(|| {
            for _ in page {
                std::hint::black_box(Sha256::digest(std::hint::black_box(&bytes)));
            }
        })
        .each_of(parts),
    }
}

fn deltas(scene: &Scene) -> Line {
    let changes = merge(vec![], &scene.pages);
    let parts = u32::try_from(changes.inserts.len()).unwrap_or(1);
    let naive = || {
        let mut sums: HashMap<String, (i64, i64, i64)> = HashMap::new();
        for row in &changes.inserts {
            let day = row.earning.at.to_zoned(scene.zone.clone()).date();
            let sum = sums.entry(format!("{day} {}", row.earning.source.as_str())).or_default();
            sum.0 += row.earning.gross.0;
            sum.1 += row.earning.net.0;
            sum.2 += 1;
        }
        sums
    };
    Line {
        key: "deltas_row",
        what: "a row's share of the sums and fans of a commit",
        goal: "",
        took: again(|| {
            let (days, fans) =
                (day_deltas(&changes, &scene.zone), fan_deltas(&changes, &scene.zone));
            days.len() + fans.len()
        })
        .each_of(parts),
        beside: "rival: sums alone, under a day in text",
        beside_took: again(naive).each_of(parts),
    }
}

fn amounts() -> Line {
    let texts: Vec<String> = (0..AMOUNTS).map(|number| (number * 977).to_string()).collect();
    Line {
        key: "amount",
        what: "an amount, read exactly",
        goal: "",
        took: again(|| texts.iter().filter_map(|text| Cents::parse(text).ok()).sum::<Cents>())
            .each_of(AMOUNTS),
        beside: "limit: an integer",
        beside_took: again(|| {
            texts.iter().filter_map(|text| text.parse::<i64>().ok()).sum::<i64>()
        })
        .each_of(AMOUNTS),
    }
}

fn signature() -> Line {
    let secrets = [SecretString::from(SECRET)];
    let body = vec![b'x'; DELIVERY_BYTES];
    let header = sign(&secrets[0], NOW, &body);
    let bare = || {
        let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).ok()?;
        Some(mac.chain_update(&body).finalize())
    };
    Line {
        key: "signature",
        what: "the signature of a webhook of 600 bytes",
        goal: "",
        took: again(|| verify(&header, &secrets, &body, NOW).is_ok()),
        beside: "limit: an HMAC of the same bytes",
        beside_took: again(bare),
    }
}
