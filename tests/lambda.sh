#!/usr/bin/env bash
# Builds three functions as they deploy to Lambda and runs the tests that start them. They need another
# feature than the tests themselves, so `cargo test` alone leaves these out.
set -euo pipefail
cd "$(dirname "$0")/.."

functions=(health cron-revenue-heartbeat webhooks-fanvue)
cargo build --locked --package functions --no-default-features --features lambda \
    "${functions[@]/#/--bin=}"
# The tests' own build puts binaries of the same names in the same place.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for name in "${functions[@]}"; do
    install -D "target/debug/$name" "$work/$name/bootstrap"
done
HEARTBEAT_BOOTSTRAPS=$work cargo test --locked --test it -- --ignored lambda:: | tee "$work/out"
grep -Eq '^test result: ok\. [1-9][0-9]* passed' "$work/out" || { echo "no test ran" >&2; exit 1; }
