//! What a job that was read to its end leaves to be looked at again: one read is no evidence that a row is gone.

use store::JobCreator;

/// What a person is told of rows that Fanvue did not show and the ledger still has; nothing where there are none.
pub(super) fn said(parts: &[JobCreator]) -> String {
    match parts.iter().map(|one| one.lacking).sum::<i64>() {
        ..=0 => String::new(),
        1 => " · 1 transaction that Fanvue does not show is looked for again each hour, and leaves when two looks \
              lack it"
            .to_owned(),
        many => format!(
            " · {many} transactions that Fanvue does not show are looked for again each hour, and leave when two \
             looks lack them"
        ),
    }
}
