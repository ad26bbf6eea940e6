"""Parts of the attack that no well-behaved client could send: bodies that drip, headers without end, bytes that are no
HTTP, streams beyond number. Meanwhile and afterwards everybody else is answered."""

import hashlib, hmac, json, random, select, time

from asking import CLOSED, NO_ANSWER, status_of

WEBHOOKS = "/api/webhooks/fanvue"
DASHBOARD = "/api/analytics/dashboard?timeRange=7d"
STREAMS_MAX = 16
# As long as an honest request may take beside all that.
PATIENCE_SECONDS = 10


def is_served(api, part, bearer):
    """An honest request is answered, and soon."""
    began_at = time.monotonic()
    answer = api.ask(part, "GET", DASHBOARD, bearer=bearer)
    took = time.monotonic() - began_at
    api.expect(answer.status == 200, part, f"an honest request is answered {answer.status}")
    api.expect(took < PATIENCE_SECONDS, part, f"an honest request took {took:.1f} s")


def slow(api, bearer, count=200, seconds=80):
    """Half of them never end their headers, half of them never their bodies."""
    part = "slow headers and bodies"
    waiting = {}
    for n in range(count):
        stream = api.connect()
        begin = api.head("POST", WEBHOOKS)
        stream.sendall(begin + (b"Content-Length: 4000\r\n\r\n{" if n % 2 else b"X-Slow: "))
        stream.setblocking(False)
        waiting[stream] = time.monotonic()
    until = time.monotonic() + seconds
    while waiting and time.monotonic() < until:
        readable, _, _ = select.select(list(waiting), [], [], 0)
        for stream in readable:
            stream.setblocking(True)
            api.counts.add(part, status_of(stream), "a slow request")
            stream.close()
            del waiting[stream]
        for stream in waiting:
            try:
                stream.send(b"x")
            except OSError:
                pass
        is_served(api, part, bearer)
        time.sleep(1)
    api.expect(not waiting, part, f"{len(waiting)} of {count} were still waited for after {seconds} s")
    for stream in waiting:
        api.counts.add(part, CLOSED)
        stream.close()


def floods(api, bearer, times=20):
    """Bytes that are no request, or one that is too much of a request. Any refusal will do, and so will none."""
    part = "header floods and broken requests"
    head, host = api.head("GET", DASHBOARD, bearer), f"{api.host}:{api.port}".encode()
    post = api.head("POST", WEBHOOKS)
    line = b"GET /api/health HTTP/1.1\r\n"
    broken = {
        "a header of a megabyte": head + b"X-A: " + b"a" * 1_000_000 + b"\r\n\r\n",
        "ten thousand headers": head + b"".join(b"X-%d: a\r\n" % n for n in range(10_000)) + b"\r\n",
        "ninety headers": head + b"".join(b"X-%d: a\r\n" % n for n in range(90)) + b"\r\n",
        "a query without end": api.head("GET", "/api/health?" + "a=1&" * 25_000) + b"\r\n",
        "a path without end": api.head("GET", "/api/" + "a" * 60_000) + b"\r\n",
        "a hundred cookies": line + b"Host: " + host + b"\r\nCookie: " + b"sb-a-auth-token.0=x; " * 100 + b"\r\n\r\n",
        "a cookie without end": line + b"Host: " + host + b"\r\nCookie: sb-a-auth-token=" + b"x" * 300_000 + b"\r\n\r\n",
        "fifty authorizations": head + b"Authorization: Bearer x\r\n" * 50 + b"\r\n",
        "ten thousand tags": head + b"If-None-Match: " + b'"x", ' * 10_000 + b"\r\n\r\n",
        "a name of the request without end": head + b"X-Request-Id: " + b"a" * 10_000 + b"\r\n\r\n",
        "a trace that is none": head + b"Traceparent: 00-zz-zz-zz\r\n\r\n",
        "no host": line + b"\r\n",
        "two hosts": head + b"Host: evil.example\r\n\r\n",
        "another host": line + b"Host: evil.example\r\n\r\n",
        "a NUL in a header": head + b"X-A: \x00\r\n\r\n",
        "a header that is no UTF-8": head + b"X-A: \xff\xfe\r\n\r\n",
        "a cookie that is no UTF-8": line + b"Host: " + host + b"\r\nCookie: sb-a-auth-token=\xff\r\n\r\n",
        "line feeds alone": head.replace(b"\r\n", b"\n") + b"\n",
        "a header without a colon": head + b"nonsense\r\n\r\n",
        "a folded header": head + b"X-A: a\r\n b\r\n\r\n",
        "chunks that are none": post + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
        "a chunk without end": post + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
        "two ways to end": post + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET",
        "two lengths": post + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "a length below zero": post + b"Content-Length: -1\r\n\r\n",
        "a length past all bounds": post + b"Content-Length: 99999999999999999999\r\n\r\n",
        "a body past the limit": post + b"Content-Length: 5000000\r\n\r\n" + b"x" * 5_000_000,
        "the old protocol": b"GET /api/health\r\n\r\n",
        "another protocol": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "somebody else's address": b"GET http://evil.example/api/health HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "a tunnel": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: " + host + b"\r\n\r\n",
        "an upgrade": head + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        "a method of a thousand letters": b"A" * 1_000 + b" / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n",
        "a path that climbs": api.head("GET", "/api/%2e%2e/%2e%2e/%00/etc/passwd") + b"\r\n",
        "nothing but noise": random.Random(1).randbytes(4_000) + b"\r\n\r\n",
    }
    for name, said in broken.items():
        for _ in range(times):
            stream = api.connect(timeout=5)
            try:
                stream.sendall(said)
            except OSError:
                # Refused before all of it was there.
                pass
            status = status_of(stream)
            stream.close()
            api.counts.add(part, CLOSED if status is None else status, name)
            # It waits for more, and would again.
            if status is None:
                break
        is_served(api, part, bearer)


def webhooks(api, secret, now, times=1_500):
    """Deliveries that are signed as they should be, and hold nonsense: kept or refused, and answered."""
    part = "signed nonsense"
    dice = random.Random(2)
    bodies = [b"", b"null", b"[]", b"{}", b"[" * 100_000, b'{"a":' * 20_000, b"\xff" * 1_000, b'"' + b"a" * 250_000 + b'"',
              b"x" * (256 * 1024), b"x" * (256 * 1024 + 1), b"1e999", b'{"type":"tip.new","price":-1}']
    words = ["type", "data", "timestamp", "price", "gross", "amount", "sender", "creator", "uuid", "messageUuid"]
    values = [None, True, -1, 0, 2**63, 1e300, "", "tip.new", "purchase.new", "creator.refund.created", "\x00", "x" * 500,
              "2026-11-21T12:00:00Z", "9999-12-31T23:59:59Z", "22222222-2222-4222-8222-222222222222", [], {}]
    for n in range(times):
        made_up = {dice.choice(words): dice.choice(values) for _ in range(dice.randint(0, 8))}
        body = bodies[n] if n < len(bodies) else json.dumps({**made_up, "data": made_up}).encode()
        second = now()
        mac = hmac.new(secret, f"{second}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"X-Fanvue-Signature": f"t={second},v0={mac}", "Content-Type": "application/json"}
        if n % 3 == 0:
            headers["X-Fanvue-Topic"] = dice.choice(["tip.new", "x" * 3_000, "purchase.new", "", "\u00fc"])
        answer = api.ask(part, "POST", WEBHOOKS, headers=headers, body=body)
        wanted = 413 if len(body) > 256 * 1024 else 200
        api.expect(answer.status == wanted, part, f"{body[:80]} is answered {answer.status}")


def streams(api, bearer):
    """So many open streams for one user, and not one more."""
    part = "open streams"
    opened, statuses = [], []
    for _ in range(STREAMS_MAX + 4):
        stream = api.connect()
        stream.sendall(api.head("GET", "/api/analytics/live", bearer) + b"\r\n")
        opened.append(stream)
        status = status_of(stream)
        statuses.append(NO_ANSWER if status is None else status)
        api.counts.add(part, statuses[-1], "a stream")
    is_right = statuses == [200] * STREAMS_MAX + [429] * 4
    api.expect(is_right, part, f"streams are answered {statuses}")
    is_served(api, part, bearer)
    for stream in opened:
        stream.close()
