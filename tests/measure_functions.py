#!/usr/bin/env python3
"""Measures the function binaries as they deploy, and prints README's table.

    cargo build --release --bins --package functions
    tests/measure_functions.py [runs]

Each run starts the binary by itself under the real runtime (no variable of Vercel set, so it
listens on a port) and asks it once: `first answer` is a refusal, which needs nothing but the
process; `reading Postgres` is an answer from the local database over a fresh connection. Times are
from before the process is started to the last byte of the answer, median of all runs.
"""

import os
import pathlib
import socket
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 30
BINARIES = {
    "cron-revenue-heartbeat": "/api/cron/revenue-heartbeat",
    "cron-sync-transactions": "/api/cron/sync-transactions",
    "cron-daily-refresh": "/api/cron/daily-refresh",
    "analytics-dashboard": "/api/analytics/dashboard?timeRange=7d",
    "health": "/api/health",
}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def ask(port, path, secret):
    """One request over one connection; its status. Waits for the listener by trying."""
    bearer = f"authorization: Bearer {secret}\r\n" if secret else ""
    request = f"GET {path} HTTP/1.1\r\nhost: localhost\r\n{bearer}connection: close\r\n\r\n"
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port)) as s:
                s.sendall(request.encode())
                answer = b""
                while chunk := s.recv(65536):
                    answer += chunk
                return int(answer.split(b" ", 2)[1])
        except ConnectionRefusedError:
            continue


def resident_kib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


def run(binary, path, secret, env, want):
    port = free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        [binary], env={**env, "VERCEL_DEV_PORT": str(port)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        status = ask(port, path, secret)
        took = (time.perf_counter() - began) * 1000
        if status not in want:
            sys.exit(f"{binary} answered {status}, not {want}")
        return took, resident_kib(process.pid)
    finally:
        process.kill()
        process.wait()


def main():
    cargo = ["cargo", "run", "--quiet", "--package", "heartbeat", "--bin", "heartbeat", "--"]
    url = subprocess.run([*cargo, "db"], cwd=ROOT, capture_output=True, text=True, check=True)
    env = {"DATABASE_URL": url.stdout.split()[-1], "CRON_SECRET": "s"}
    subprocess.run([*cargo, "migrate"], cwd=ROOT, check=True, env={**os.environ, **env},
                   stdout=subprocess.DEVNULL)
    print("| function | size | first answer | reading Postgres | RSS |")
    print("|---|--:|--:|--:|--:|")
    for name, path in BINARIES.items():
        binary = ROOT / "target" / "release" / name
        refused = (200,) if name == "health" else (401,)
        first = [run(binary, path, None, env, refused)[0] for _ in range(RUNS)]
        # No agency is connected in this database: 400 is the dashboard's answer after asking it.
        read = [run(binary, path, "s", env, (200, 400)) for _ in range(RUNS)]
        print(
            f"| `{name}` | {binary.stat().st_size / 1e6:.1f} MB "
            f"| {statistics.median(first):.1f} ms "
            f"| {statistics.median(t for t, _ in read):.1f} ms "
            f"| {statistics.median(kib for _, kib in read) / 1024:.1f} MiB |"
        )


main()
