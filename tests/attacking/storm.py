"""As many requests as are left to send, at random: any operation, as anybody, with parameters of which some are right,
some nearly and some hostile. Nothing is known of the answers but that they are no server errors."""

import base64, json, random, sys, threading, urllib.parse, uuid

HOSTILE = [
    "", " ", "'", "\"", "';drop table models;--", "%", "_", "\\", "\x00", "\x7f", "\r\nX: y", "\u202e", "\ufeff",
    "\U0001f4b8" * 40,
    "\u0130", "a" * 300, "a" * 3_000, "../../etc/passwd", "${jndi:ldap://x}", "{{7*7}}", "null", "undefined", "NaN", "-0", "1e309",
    "0x10", "true", "[]", "{}", "<script>alert(1)</script>", "=1+1", "99999999999999999999", "-1", "0", "1.5", "\u0663",
]
RIGHT = {
    "timeRange": ["7d", "30d", "90d", "1y", "all"],
    "startDate": ["2015-01-01", "2026-01-01", "2024-02-29"],
    "endDate": ["2024-12-31", "2026-01-31", "2026-02-30"],
    "category": ["tips", "other", "refunds", "messages"],
    "source": ["tip", "refund", "appStore"],
    "limit": ["1", "50", "200"],
    "dryRun": ["true", "false"],
    "depth": ["totals", "rows"],
    "kind": ["agency", "creator"],
    "modelName": ["a", "%", "_"],
    "agencyName": ["Storm"],
    "timezone": ["UTC", "Europe/Rome", "Etc/Unknown", "Factory"],
}
HEADERS = {
    "If-None-Match": ['*', '"x"', 'W/"1"', '""', "a" * 500],
    "Cache-Control": ["no-cache", "no-store", ","],
    "Origin": ["null", "https://evil.example"],
    "Sec-Fetch-Site": ["cross-site", "same-origin"],
    "X-Request-Id": ["a", "a b", "x" * 129],
    "X-Forwarded-For": ["127.0.0.1"],
    "Cookie": ["sb-a-auth-token=x", "sb-a-auth-token=base64-e30", "sb-a-auth-token.0=x; sb-b-auth-token=y", "heartbeat_login=x"],
    "Content-Type": ["application/json", "text/xml"],
    "Accept-Encoding": ["gzip", "br"],
}
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"]
THREADS = 4
# A tick is work that is asked for, and not what is to be shown here.
TICK_ONE_IN = 300


class Storm:
    def __init__(self, api, operations, ids, bearers, seed):
        self.api, self.ids, self.seed = api, ids, seed
        # Ticks are many operations with nothing to vary.
        self.operations = [one for one in operations for _ in range(1 if one[1].startswith("/api/cron/") else 5)]
        self.bearers = [None, "wrong", "x.y.z", *bearers.values(), *forged(bearers["owner"])]
        self.operator = bearers["operator"]
        # Two files of one agency at the same time are refused with 503, as they should be: that is no error.
        self.file = threading.Lock()

    def value(self, dice, name):
        if dice.random() < 0.6:
            right = [*RIGHT.get(name, []), *self.ids.get(name, [])]
            if right:
                return dice.choice(right)
        if dice.random() < 0.3:
            one = str(uuid.UUID(int=dice.getrandbits(128), version=4))
            return dice.choice([one, one.upper(), one.replace("-", ""), f"{{{one}}}", f"urn:uuid:{one}"])
        return dice.choice(HOSTILE)

    def query(self, dice, names):
        chosen = [name for name in names if dice.random() < 0.4]
        if dice.random() < 0.1:
            chosen.append(dice.choice(["x", "agencyid", "constructor", "__proto__", "\u00fc", "limit[]"]))
        if chosen and dice.random() < 0.1:
            chosen.append(dice.choice(chosen))
        quote = urllib.parse.quote
        pairs = [f"{quote(name, safe='')}={quote(self.value(dice, name), safe='')}" for name in chosen]
        if dice.random() < 0.03:
            pairs.append(dice.choice(["a=%zz", "%ff=1", "&&&", "=", "a", "limit=%F0%28", "?", "a=1#b"]))
        return "&".join(pairs)

    def send(self, dice):
        method, path, names = dice.choice(self.operations)
        bearer = dice.choice(self.bearers)
        is_tick = path.startswith("/api/cron/") and bearer == self.operator
        if is_tick and dice.randrange(TICK_ONE_IN):
            bearer = "wrong"
        if dice.random() < 0.05:
            method = dice.choice(METHODS)
        if "{id}" in path:
            path = path.replace("{id}", urllib.parse.quote(self.value(dice, "id"), safe="") or "x")
        query = self.query(dice, [name for name in names if name != "id"])
        headers = {name: dice.choice(HEADERS[name]) for name in HEADERS if dice.random() < 0.05}
        body = dice.choice(HOSTILE).encode() if method != "GET" and dice.random() < 0.3 else None
        where = f"{path}?{query}" if query else path
        if "export" in path:
            with self.file:
                return self.api.ask("storm", method, where, bearer, headers, body)
        return self.api.ask("storm", method, where, bearer, headers, body)

    def work(self, number, times):
        dice = random.Random(f"{self.seed} {number}")
        for n in range(times):
            self.send(dice)
            if number == 0 and n % 2_500 == 2_499:
                print(f"  storm: {THREADS * (n + 1):,} of about {THREADS * times:,}", file=sys.stderr, flush=True)

    def rage(self, times):
        shares = [times // THREADS + (n < times % THREADS) for n in range(THREADS)]
        threads = [threading.Thread(target=self.work, args=each) for each in enumerate(shares)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def forged(token):
    """A user's token, changed in ways that must not be believed."""
    header, claims, signature = token.split(".")

    def encoded(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    told = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    for changed in [{"alg": "none"}, {"alg": "HS512"}, {"alg": "RS256", "kid": "x"}, {"alg": "HS256", "crit": ["x"]}]:
        yield f"{encoded(changed)}.{claims}.{signature}"
    yield f"{encoded({'alg': 'none'})}.{claims}."
    yield f"{header}.{encoded({**told, 'sub': str(uuid.uuid4())})}.{signature}"
    yield f"{header}.{encoded({**told, 'exp': 2**62})}.{signature}"
    yield token[:-2]
