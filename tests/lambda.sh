#!/usr/bin/env bash
# Links every function as it deploys to Lambda, if not optimised, and runs the tests that start some of them.
# They need another feature than the tests themselves, so `cargo test` alone leaves these out.
set -euo pipefail
cd "$(dirname "$0")/.."

# deploy/aws/build compiles everything anew, each function optimised as a whole: too dear for every change.
cargo build --locked --package functions --bins --no-default-features --features lambda
cargo build --locked --package platform --example misbehaving --no-default-features --features lambda
functions=(health cron-revenue-heartbeat fanvue-force-sync-revenue webhooks-fanvue)
# The tests' own build puts binaries of the same names in the same place.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for name in "${functions[@]}"; do
    install -D "target/debug/$name" "$work/$name/bootstrap"
done
install -D target/debug/examples/misbehaving "$work/misbehaving/bootstrap"
HEARTBEAT_BOOTSTRAPS=$work cargo test --locked --test it -- --ignored lambda:: | tee "$work/out"
grep -Eq '^test result: ok\. [1-9][0-9]* passed' "$work/out" || { echo "no test ran" >&2; exit 1; }
