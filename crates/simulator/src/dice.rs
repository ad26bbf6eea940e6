//! Chance that can be replayed: a tiny generator keyed by the seed, a purpose and some numbers.
//!
//! Every draw of the world comes from here, so that the same seed gives the same rows on every
//! machine and with every version of every library. It is deliberately no source of secrets.

use uuid::Uuid;

/// A stream of draws (SplitMix64). Equal keys give equal streams.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// Mixes one number into a hash. Also used for the tags of cursors.
pub(crate) fn mix(hash: u64, value: u64) -> u64 {
    let mut x = (hash ^ value).wrapping_add(STEP);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// Mixes bytes into a hash.
pub(crate) fn mix_bytes(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| mix(hash, u64::from(*byte)))
}

impl Dice {
    /// The stream for one purpose.
    pub(crate) fn new(seed: u64, purpose: &str, numbers: &[u64]) -> Dice {
        let keyed = mix_bytes(mix(0, seed), purpose.as_bytes());
        Dice(numbers.iter().fold(keyed, |hash, number| mix(hash, *number)))
    }

    /// The next 64 bits.
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0, 0)
    }

    /// A number below `end`; 0 when `end` is 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        let wide = u128::from(self.roll()) * u128::from(end);
        (wide >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low).unsigned_abs() + 1) as i64
    }

    /// True `permille` times in a thousand.
    pub(crate) fn chance(&mut self, permille: u64) -> bool {
        self.below(1000) < permille
    }

    /// One of the choices, each as likely as the others. The slice must not be empty.
    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }

    /// How many of something happen when `mean_milli` thousandths are expected.
    pub(crate) fn count(&mut self, mean_milli: u64) -> u64 {
        let trials = mean_milli.div_ceil(1000) * 4 + 4;
        let (odds, sides) = (mean_milli, trials * 1000);
        (0..trials).filter(|_| self.below(sides) < odds).count() as u64
    }

    /// A UUID of the usual random form.
    pub(crate) fn uuid(&mut self) -> Uuid {
        let wide = (u128::from(self.roll()) << 64) | u128::from(self.roll());
        uuid::Builder::from_random_bytes(wide.to_be_bytes()).into_uuid()
    }
}
