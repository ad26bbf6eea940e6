//! From a failing list of ops to a short one that still fails: chunks are left out, ever smaller.

use super::op::Op;

/// The most runs spent on one list.
const RUNS_MAX: usize = 150;

/// Leaves out whatever the failure doesn't need. `fails` runs a list and tells the problem.
pub fn shrink(ops: &[Op], mut fails: impl FnMut(&[Op]) -> Option<String>) -> Vec<Op> {
    let mut kept = ops.to_vec();
    let mut chunk = kept.len().div_ceil(2).max(1);
    let mut runs = 0;
    loop {
        let mut start = 0;
        let mut shorter = false;
        while start < kept.len() && runs < RUNS_MAX {
            let end = (start + chunk).min(kept.len());
            let rest = [&kept[..start], &kept[end..]].concat();
            runs += 1;
            if fails(&rest).is_some() {
                kept = rest;
                shorter = true;
            } else {
                start = end;
            }
        }
        if runs >= RUNS_MAX || (chunk == 1 && !shorter) {
            return kept;
        }
        if chunk > 1 {
            chunk = chunk.div_ceil(2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_failure_needs_is_all_that_stays() {
        let ops: Vec<_> = (0..40).map(|seconds| Op::TimePasses { seconds }).collect();
        let has = |ops: &[Op], n| ops.contains(&Op::TimePasses { seconds: n });
        let short = shrink(&ops, |ops| (has(ops, 3) && has(ops, 31)).then(|| "both".to_owned()));
        assert_eq!(short, [Op::TimePasses { seconds: 3 }, Op::TimePasses { seconds: 31 }]);
    }
}
