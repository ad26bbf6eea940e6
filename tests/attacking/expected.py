"""Parts of the attack of which it is known what has to come of them: limits of expensive calls, ids of another
agency, ranges and pages without end."""

import base64, datetime, itertools, json

EXPENSIVE = [
    ("GET", "/api/analytics/export.csv?timeRange=7d"),
    ("GET", "/api/fanvue/diagnose-revenue?timeRange=7d"),
    ("POST", "/api/fanvue/force-sync-revenue"),
]
CALLS_MAX, SPAN_SECONDS = 30, 600
LIST = "/api/analytics/transactions"


def limits(api, world, user, other):
    """Thirty expensive calls in ten minutes, whichever, and no more; others have theirs."""
    part = "limits of expensive calls"

    def is_spent(answer):
        return answer.status == 429 and answer.json().get("code") == "too_many_requests"

    for n in range(CALLS_MAX):
        answer = api.ask(part, *EXPENSIVE[n % len(EXPENSIVE)], bearer=user)
        api.expect(not is_spent(answer), part, f"call {n + 1} is refused: {answer.text()}")
    for n in range(4 * len(EXPENSIVE)):
        answer = api.ask(part, *EXPENSIVE[n % len(EXPENSIVE)], bearer=user)
        wait = answer.headers.get("retry-after", "")
        api.expect(is_spent(answer), part, f"call {CALLS_MAX + n + 1} is answered {answer.status}")
        api.expect(wait.isdigit() and 1 <= int(wait) <= SPAN_SECONDS, part, f"Retry-After is '{wait}'")
    answer = api.ask(part, *EXPENSIVE[0], bearer=other)
    api.expect(answer.status == 200, part, f"another user's file is answered {answer.status}")
    world.tell("/sim/time", {"advanceSeconds": SPAN_SECONDS + 1})
    answer = api.ask(part, *EXPENSIVE[0], bearer=user)
    api.expect(answer.status == 200, part, f"after ten minutes a file is answered {answer.status}")


def foreign(api, operations, mine, theirs, bearers):
    """Whatever is asked with ids of another agency, no answer holds one of them."""
    part = "another agency's ids"
    strangers = {one for ids in theirs.values() for one in ids}
    for (method, path, names), (who, bearer) in itertools.product(operations, bearers.items()):
        known = [name for name in names if name in theirs]
        asked = [{name: one} for name in known for one in theirs[name]]
        if {"agencyId", "modelId"} <= set(known):
            asked += [{"agencyId": theirs["agencyId"][0], "modelId": theirs["modelId"][0]},
                      {"agencyId": mine["agencyId"][0], "modelId": theirs["modelId"][0]},
                      {"agencyId": theirs["agencyId"][0], "modelId": mine["modelId"][0]}]
        for pairs in asked:
            where = path.replace("{id}", pairs.get("id", ""))
            query = "&".join(f"{name}={value}" for name, value in pairs.items() if name != "id")
            answer = api.ask(part, method, f"{where}?{query}" if query else where, bearer=bearer)
            told = [one for one in strangers if one in answer.text().lower()]
            is_list = path.endswith("/connections") and answer.json() == {"connections": []}
            is_refused = answer.status in (400, 403, 404, 429) or is_list
            api.expect(is_refused, part, f"{method} {where}?{query} as {who} is answered {answer.status}")
            api.expect(not told, part, f"{method} {where}?{query} as {who} tells {told}")


def ranges(api, bearers):
    """Days from before the platform to after the calendar."""
    part = "huge ranges"
    today = datetime.datetime.now(datetime.timezone.utc).date()
    first = datetime.date(2015, 1, 1)
    days = [first, today - datetime.timedelta(days=3652), today, today + datetime.timedelta(days=400), "0000-01-01",
            "0001-01-01", "1970-01-01", "9999-12-31", "-009999-01-01", "2026-02-29", "", "x" * 200]
    paths = ["/api/analytics/dashboard", LIST, "/api/fanvue/diagnose-revenue", "/api/analytics/export.csv"]
    for path, one, other, bearer in itertools.product(paths, days, days, bearers.values()):
        answer = api.ask(part, "GET", f"{path}?startDate={one}&endDate={other}", bearer=bearer)
        api.expect(answer.status in (200, 400, 403, 429), part, f"{path} {one} {other}: {answer.status}")
    owner = bearers["owner"]
    for end, status in [("2025-01-01", 200), ("2025-01-02", 400)]:
        answer = api.ask(part, "GET", f"{paths[0]}?startDate=2015-01-01&endDate={end}", bearer=owner)
        api.expect(answer.status == status, part, f"ten years to {end}: {answer.status}")


def walk(api, part, bearer, limit, pages_max=2_000):
    """The ids of all rows, page by page, and a cursor from the middle."""
    found, cursor, middle = [], "", None
    for page in range(pages_max):
        query = f"timeRange=all&limit={limit}" + (f"&cursor={cursor}" if cursor else "")
        answer = api.ask(part, "GET", f"{LIST}?{query}", bearer=bearer)
        api.expect(answer.status == 200, part, f"page {page + 1} of {limit} rows: {answer.status}")
        told = answer.json()
        found += [row["id"] for row in told.get("transactions", [])]
        cursor = told.get("nextCursor")
        middle = cursor if page < 3 and cursor else middle
        if not cursor:
            break
    return found, middle


def pages(api, bearer):
    """The same rows in deep pages as in wide ones, none twice; and places that nobody gave."""
    part = "deep pages"
    deep, cursor = walk(api, part, bearer, 3)
    wide, _ = walk(api, part, bearer, 200)
    api.expect(len(set(deep)) == len(deep), part, "a row is told twice")
    api.expect(set(deep) == set(wide) and deep, part, f"{len(deep)} rows in deep pages, {len(wide)} in wide ones")
    if cursor is None:
        return
    text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    first, last, at, row, digest = text.split(",")
    instants = [at, "0", "-1", "-62135596800000000", "-62135596800000001", "-377705023201000000",
                "253402207199999999", str(2**63 - 1), str(-2**63), "1e3", "x"]
    made_up = itertools.product(
        [first, "0001-01-01", "0000-01-01", "-009999-01-01", "9999-12-31"], [last, "9999-12-31", "2015-01-01"],
        instants, [row, "0" * 32, "f" * 32, "x"], [digest, "0" * 16, ""])
    for parts in made_up:
        encoded = base64.urlsafe_b64encode(",".join(parts).encode()).decode().rstrip("=")
        answer = api.ask(part, "GET", f"{LIST}?timeRange=all&limit=3&cursor={encoded}", bearer=bearer)
        api.expect(answer.status in (200, 400), part, f"cursor {','.join(parts)}: {answer.status}")
    for at in instants:
        path = f"/api/sync/repairs?limit=1&cursor={at}.00000000-0000-4000-8000-000000000000"
        answer = api.ask(part, "GET", path, bearer=bearer)
        api.expect(answer.status in (200, 400), part, f"{path}: {answer.status}")


def operations(description):
    """Method, path and the names of the parameters of each operation; streams are a part of their own."""
    for path, methods in json.loads(description.read_text())["paths"].items():
        for method, operation in methods.items():
            names = [one["name"] for one in operation.get("parameters", []) if one["in"] in ("query", "path")]
            if path != "/api/analytics/live":
                yield method.upper(), path, names
