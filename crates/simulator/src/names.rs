//! Invented people: creators' and fans' names, handles and ids, all drawn from the seed.
//!
//! Nobody here exists; the lists are harmless words, not a generator of plausible identities.

use uuid::Uuid;

use crate::dice::Dice;

const FIRST: [&str; 24] = [
    "Lina", "Maya", "Noa", "Iris", "Ada", "Elin", "Vera", "Cleo", "Mira", "Tess", "June", "Rhea",
    "Nina", "Sofi", "Esme", "Lara", "Zoe", "Kaia", "Anya", "Bea", "Dora", "Freya", "Gia", "Hana",
];

const LAST: [&str; 24] = [
    "Hart", "Lund", "Frost", "Marsh", "Quill", "Stone", "Wren", "Rossi", "Bloom", "Hale", "Moss",
    "Pike", "Reyes", "Sable", "Berg", "Tallis", "Urban", "Winter", "York", "Ash", "Brook", "Vale",
    "Drake", "Ember",
];

const MOODS: [&str; 16] = [
    "Quiet", "Lucky", "Sunny", "Brave", "Gentle", "Clever", "Rapid", "Mellow", "Cosmic", "Amber",
    "Velvet", "Silver", "Humble", "Jolly", "Nimble", "Royal",
];

const ANIMALS: [&str; 16] = [
    "Otter", "Falcon", "Badger", "Heron", "Lynx", "Marten", "Puffin", "Raven", "Sable", "Tapir",
    "Walrus", "Yak", "Zebra", "Gecko", "Ibis", "Koala",
];

/// The display name of a creator by number.
pub(crate) fn creator_name(number: u64) -> String {
    let (first, last) = (number % 24, (number * 7 + number / 24) % 24);
    format!("{} {}", FIRST[first as usize], LAST[last as usize])
}

/// A handle made of a display name: lower case, dots, and the number where names repeat.
pub(crate) fn handle(name: &str, number: u64) -> String {
    let plain: String = name
        .chars()
        .filter_map(|c| match c {
            ' ' | '.' | '-' | '_' => Some('.'),
            c if c.is_alphanumeric() => Some(c.to_ascii_lowercase()),
            _ => None,
        })
        .collect();
    if number < 576 { plain } else { format!("{plain}.{number}") }
}

/// A fan as rows show one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fan {
    pub(crate) uuid: Uuid,
    pub(crate) handle: String,
    pub(crate) display_name: String,
    pub(crate) nickname: Option<String>,
    pub(crate) is_top_spender: bool,
}

/// The n-th fan of a creator.
pub(crate) fn fan(seed: u64, creator: u64, index: u32) -> Fan {
    let mut dice = Dice::new(seed, "fan", &[creator, u64::from(index)]);
    let uuid = dice.uuid();
    let (mood, animal, number) = (dice.pick(&MOODS), dice.pick(&ANIMALS), dice.below(1000));
    let nickname = dice.chance(60).then(|| format!("{animal} friend"));
    Fan {
        uuid,
        handle: format!("{}-{}-{number}", mood.to_lowercase(), animal.to_lowercase()),
        display_name: format!("{mood} {animal}"),
        nickname,
        is_top_spender: index < 3,
    }
}

/// A fan named by a test: a UUID stands for itself, any other word for a stable one.
pub(crate) fn named_fan(seed: u64, label: &str) -> Fan {
    let key = crate::dice::mix_bytes(seed, label.as_bytes());
    let uuid = label.parse().unwrap_or_else(|_| Dice::new(seed, "named fan", &[key]).uuid());
    let handle = if label.parse::<Uuid>().is_ok() {
        format!("fan-{}", &label[..8.min(label.len())])
    } else {
        self::handle(label, 0)
    };
    Fan { uuid, display_name: handle.clone(), handle, nickname: None, is_top_spender: false }
}
