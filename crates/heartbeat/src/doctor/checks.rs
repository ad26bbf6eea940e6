//! The checks. Each is a value; what it decides, it decides from the facts alone.

mod accounts;
mod configuration;
mod network;
mod policies;
mod schema;
mod server;
mod sums;
mod work;

use super::check::Check;

const GROUPS: [&[Check]; 7] = [
    configuration::CHECKS,
    server::CHECKS,
    schema::CHECKS,
    accounts::CHECKS,
    sums::CHECKS,
    work::CHECKS,
    network::CHECKS,
];

/// Every check, those first whose faults explain others'.
pub fn all() -> impl Iterator<Item = &'static Check> {
    GROUPS.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_check_has_a_name_of_its_own_and_a_remedy_in_a_line() {
        let names: BTreeSet<_> = all().map(|check| check.name).collect();
        assert_eq!(names.len(), all().count());
        for check in all() {
            let is_plain = |b: u8| b.is_ascii_lowercase() || b == b'-';
            assert!(check.name.bytes().all(is_plain), "{}", check.name);
            for text in [check.means, check.remedy] {
                assert!((10..=200).contains(&text.len()), "{}: {text}", check.name);
                assert!(!text.contains('\n') && !text.contains('|'), "{}: {text}", check.name);
            }
        }
    }
}
