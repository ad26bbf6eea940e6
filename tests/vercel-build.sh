#!/usr/bin/env bash
# Runs `vercel build` in a clean clone of the last commit, without an account, and looks at what it made.
#
# The builder runs cargo by itself, one function after the other. What `cargo build --release --bin …`
# of no package made here is used again, so after it the builder's cargo compiles nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Not `npm ci`: it wants the builds for other systems, too, which not every registry has.
npm install --no-save --loglevel=error --prefix deploy/vercel

# Whoever owns the folder, as where a container has it mounted.
printf '[safe]\n    directory = *\n' > "$work/gitconfig"
export GIT_CONFIG_GLOBAL="$work/gitconfig"
git clone --quiet "$root" "$work/clone"
# Cargo goes by the times of files: what is the same here and there is as old as here.
git -C "$work/clone" ls-files -z | while IFS= read -r -d '' file; do
    if cmp --silent "$root/$file" "$work/clone/$file"; then
        touch --no-dereference --reference "$root/$file" "$work/clone/$file"
    else
        echo "not committed, so not tried: $file" >&2
    fi
done

mkdir "$work/clone/.vercel"
cat > "$work/clone/.vercel/project.json" <<'JSON'
{ "projectId": "prj_none", "orgId": "team_none", "settings": { "framework": null, "nodeVersion": "24.x" } }
JSON

# As on Vercel's own machines, where secrets are in the environment, too: none may come out again.
secret() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }
CRON_SECRET=$(secret)
TOKEN_KEYS=$(secret)
DATABASE_URL=postgres://heartbeat:$(secret)@127.0.0.1/none
export CRON_SECRET TOKEN_KEYS DATABASE_URL
# With this variable the builder calls `cargo build`, as there, and else `cargo zigbuild`.
export VERCEL_BUILD_IMAGE=al2023
export CARGO_TARGET_DIR="$root/target" VERCEL_TELEMETRY_DISABLED=1 NO_UPDATE_NOTIFIER=1
unset VERCEL_TOKEN

(
    cd "$work/clone"
    "$root/deploy/vercel/node_modules/.bin/vercel" build --prod --yes --global-config "$work/account" \
        < /dev/null > "$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }
    tail -n 1 "$work/out"
    # A lock that is not whole would be mended silently.
    changed=$(git status --porcelain)
    [ -z "$changed" ] || { printf 'changed by the build:\n%s\n' "$changed" >&2; exit 1; }
)
password=${DATABASE_URL#*heartbeat:}
tests/vercel_output.py "$work/clone" "$CRON_SECRET" "$TOKEN_KEYS" "${password%@*}"
