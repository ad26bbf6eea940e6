#!/usr/bin/env bash
# Runs a command with TEST_DATABASE_URL pointing at the local database through PgBouncer in
# transaction mode, with few server connections, so that every statement meets another one.
#
#   tests/through-pgbouncer.sh cargo test --test it
set -euo pipefail
cd "$(dirname "$0")/.."

bouncer=$(command -v pgbouncer || echo /usr/sbin/pgbouncer)
[ -x "$bouncer" ] || { echo "pgbouncer is not installed: apt-get install pgbouncer" >&2; exit 1; }
url=$(cargo run --quiet --package heartbeat --bin heartbeat -- db)
server=${url#*@}
server=${server%%/*}

work=$(mktemp -d)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat > "$work/pgbouncer.ini" <<INI
[databases]
* = host=${server%%:*} port=${server##*:} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $port
auth_type = any
pool_mode = transaction
default_pool_size = 3
max_client_conn = 500
server_idle_timeout = 5
unix_socket_dir =
logfile = $work/pgbouncer.log
pidfile = $work/pgbouncer.pid
ignore_startup_parameters = extra_float_digits
INI
chmod 755 "$work"
touch "$work/pgbouncer.log"
if [ "$(id -u)" = 0 ]; then
    # PgBouncer refuses to run as root.
    chown -R nobody "$work"
    setpriv --reuid=nobody --clear-groups "$bouncer" -q "$work/pgbouncer.ini" 2> "$work/err" &
else
    "$bouncer" -q "$work/pgbouncer.ini" 2> "$work/err" &
fi
pid=$!
trap 'kill -INT $pid 2> /dev/null || true; wait $pid || true; rm -rf "$work"' EXIT
python3 - "$port" "$pid" <<'PYTHON'
import os, socket, sys, time
for _ in range(200):
    os.kill(int(sys.argv[2]), 0)
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close()
        sys.exit()
    except OSError:
        time.sleep(0.05)
sys.exit("PgBouncer does not listen")
PYTHON

TEST_DATABASE_POOLED=1 TEST_DATABASE_URL=postgres://postgres@127.0.0.1:$port/postgres "$@"
