#!/usr/bin/env python3
"""Computes every number of dashboard answers anew from the platform's own rows, knowing nothing of the
code that made them but docs/kpis.md, and compares: `tests/golden.py FILE`. The file is written by
`dashboard::golden`; the last line says how many numbers were compared.

    {"zone": "Asia/Kathmandu", "creators": [uuid], "rows": [{"creator", "at", "source", "gross", "net", "fan"}],
     "provisional": [the same], "answers": [{"query", "answer"}]}"""

import json, sys
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

CATEGORIES = {
    "subscriptions": ["subscription"],
    "renewals": ["renewal"],
    "messages": ["message"],
    "tips": ["tip"],
    "posts": ["post"],
    "referrals": ["referral", "affiliate", "giveaway"],
    "other": ["mediaLink", "checkoutLink", "fanExperience", "appStore"],
    "refunds": ["refund", "chargeback"],
}
CATEGORY = {source: name for name, sources in CATEGORIES.items() for source in sources}
DAYS = {"7d": 7, "30d": 30, "90d": 90, "1y": 365}
# Numbers that are no sum of rows, and have tests of their own.
NOT_COMPUTED = {"revision", "ageSeconds", "freshness", "subscribers", "followers", "rejects", "agency", "newSubscribers",
                "cancelledSubscribers", "unreadMessages", "postCount", "likeCount"}
# Texts and instants that may be absent.
NULLS = {"statsAsOf", "asOf", "confirmedAt", "handle", "lastError", "subscribersAsOf", "followersAsOf",
         "unreadMessagesAsOf", "postCountAsOf", "likeCountAsOf"}
# Fewer numbers have no answer.
NUMBERS_MIN = 60


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def nearest(dividend, divisor):
    """The quotient, rounded to the nearest integer, halves away from zero."""
    quotient = (2 * abs(dividend) + divisor) // (2 * divisor)
    return quotient if dividend >= 0 else -quotient


def tenths(part, whole):
    return Decimal(nearest(1000 * part, whole)).scaleb(-1) if whole > 0 else None


def money(cents):
    return None if cents is None else Decimal(cents).scaleb(-2)


def gross(rows):
    return sum(row["gross"] for row in rows)


def net(rows):
    return sum(row["net"] or 0 for row in rows)


class World:
    def __init__(self, told):
        self.zone = ZoneInfo(told["zone"])
        self.rows = [dict(row, provisional=False) for row in told["rows"]]
        self.rows += [dict(row, provisional=True) for row in told["provisional"]]
        for row in self.rows:
            row["at"] = moment(row["at"])
            row["day"] = row["at"].astimezone(self.zone).date()
        self.creators = set(told["creators"])


class Question:
    """One answer's days, and what they are compared with."""

    def __init__(self, world, query, now, model):
        given = dict(pair.split("=") for pair in query.split("&"))
        self.world, self.now = world, now
        self.today = now.astimezone(world.zone).date()
        self.rows = [row for row in world.rows if model in (None, row["creator"])]
        self.creators = world.creators if model is None else {model}
        self.first_paid = {}
        for row in sorted(purchases(self.rows), key=lambda row: row["at"]):
            self.first_paid.setdefault(row["fan"], row["at"])
        name = given.get("timeRange")
        if name == "all":
            self.last = self.today
            self.first = min((row["day"] for row in self.rows), default=self.today)
        elif name:
            self.last = self.today
            self.first = self.today - timedelta(days=DAYS[name] - 1)
        else:
            self.first, self.last = (date.fromisoformat(given[key]) for key in ("startDate", "endDate"))
        self.length = (self.last - self.first).days + 1
        self.compares = name != "all"
        self.shift = timedelta(days=self.length)
        # The instant up to which the day counts that today is compared with.
        self.cut = None
        if self.compares and self.first <= self.today <= self.last:
            twin = self.today - self.shift
            clock = now.astimezone(world.zone).time()
            start = datetime(twin.year, twin.month, twin.day, tzinfo=world.zone).timestamp()
            next_day = twin + timedelta(days=1)
            end = datetime.combine(twin, clock, tzinfo=world.zone).timestamp()
            end = min(end, datetime(next_day.year, next_day.month, next_day.day, tzinfo=world.zone).timestamp())
            self.cut = (twin, end if start < end else None)

    def within(self, first, last):
        return [row for row in self.rows if first <= row["day"] <= last]

    def is_compared(self, day):
        """Whether anything of that earlier day is compared."""
        if not self.compares or not self.first - self.shift <= day < self.first:
            return False
        if self.today < self.first:
            return False
        if self.cut:
            return day < self.cut[0] or day == self.cut[0] and self.cut[1] is not None
        return True

    def before(self, first, last):
        """The rows that those days are compared with."""
        rows = self.within(first - self.shift, last - self.shift)
        rows = [row for row in rows if self.is_compared(row["day"])]
        if self.cut and self.cut[1] is not None:
            rows = [row for row in rows if row["day"] != self.cut[0] or row["at"].timestamp() < self.cut[1]]
        return rows

    def buckets(self):
        """Days up to 31, weeks from Monday up to 180, months beyond."""
        days = [self.first + timedelta(days=n) for n in range(self.length)]
        if self.length <= 31:
            name, key = "day", lambda day: day
        elif self.length <= 180:
            name, key = "week", lambda day: day - timedelta(days=day.weekday())
        else:
            name, key = "month", lambda day: day.replace(day=1)
        found = {}
        for day in days:
            found.setdefault(key(day), []).append(day)
        return name, [(days[0], days[-1]) for days in found.values()]


def purchases(rows):
    """Money of fans, by the platform's rows alone."""
    return [
        row for row in rows
        if row["fan"] and row["gross"] > 0 and not row["provisional"] and CATEGORY[row["source"]] != "referrals"
    ]


def figures(question, rows):
    reversals = [row for row in rows if CATEGORY[row["source"]] == "refunds"]
    tips = [row for row in rows if row["source"] == "tip"]
    open_ones = [row for row in rows if row["provisional"]]
    sales = len(rows) - len(reversals)
    tip = nearest(gross(tips), len(tips)) if tips else None
    sale = nearest(gross(rows) - gross(reversals), sales) if sales else None
    paying = {row["fan"] for row in purchases(rows)}
    new = {row["fan"] for row in purchases(rows) if row["at"] == question.first_paid[row["fan"]]}
    booked = [row for row in rows if not row["provisional"] and CATEGORY[row["source"]] != "referrals"]
    fan = nearest(gross(booked), len(paying)) if paying else None
    of = lambda *names: gross(row for row in rows if CATEGORY[row["source"]] in names)
    subscribed = of("subscriptions", "renewals")
    extras = nearest(100 * of("messages", "posts", "tips"), subscribed) if subscribed > 0 else None
    return {
        "totalRevenue": money(gross(rows)), "totalRevenueCents": gross(rows),
        "netRevenue": money(net(rows)), "netRevenueCents": net(rows),
        "transactionCount": len(rows),
        "refunds": money(gross(reversals)), "refundsCents": gross(reversals),
        "refundCount": len(reversals),
        "tipAverage": money(tip), "tipAverageCents": tip,
        "averageTransaction": money(sale), "averageTransactionCents": sale,
        "provisionalRevenue": money(gross(open_ones)), "provisionalRevenueCents": gross(open_ones),
        "provisionalCount": len(open_ones),
        "payingFans": len(paying), "newFans": len(new),
        "arpu": money(fan), "arpuCents": fan,
        "goldenRatio": money(extras),
    }


def expected(question):
    rows = question.within(question.first, question.last)
    before = question.before(question.first, question.last)
    name, buckets = question.buckets()
    now, earlier = figures(question, rows), figures(question, before)
    grown = now["totalRevenueCents"] - earlier["totalRevenueCents"]
    growth = tenths(grown, earlier["totalRevenueCents"]) if question.compares else None
    ltv = None if question.compares else now["arpuCents"]
    kpis = dict(now, revenueGrowth=growth, previous=earlier if question.compares else None)
    kpis.update(ltv=money(ltv), ltvCents=ltv)
    return {
        "period": period(question, name),
        "kpiMetrics": kpis,
        "chartData": [point(question, *bucket) for bucket in buckets],
        "categoryBreakdown": breakdown(question, rows, before),
        "models": cards(question, rows, before, buckets),
    }


def period(question, name):
    shown = {"from": str(question.first), "to": str(question.last), "bucket": name, "previous": None}
    if question.compares and question.today >= question.first:
        last = question.first - timedelta(days=1)
        shown["previous"] = {"from": str(question.first - question.shift), "to": str(last), "until": None}
        if question.cut:
            day, end = question.cut
            to = day if end is not None else day - timedelta(days=1)
            shown["previous"]["to"] = str(to)
            if end is not None:
                shown["previous"]["until"] = end
            elif to < question.first - question.shift:
                shown["previous"] = None
    return shown


def point(question, first, last):
    rows = question.within(first, last)
    shown = {"date": str(first), "endDate": str(last), "partial": question.today <= last}
    for name in CATEGORIES:
        cents = gross(row for row in rows if CATEGORY[row["source"]] == name)
        shown[name], shown[name + "Cents"] = money(cents), cents
    shown["total"], shown["totalCents"] = money(gross(rows)), gross(rows)
    shown["net"], shown["netCents"] = money(net(rows)), net(rows)
    shown["transactionCount"] = len(rows)
    days = [first - question.shift + timedelta(days=n) for n in range((last - first).days + 1)]
    has_before = any(question.is_compared(day) for day in days)
    shown["previousTotalCents"] = gross(question.before(first, last)) if has_before else None
    return shown


def sums(question, rows, before):
    return {
        "amount": money(gross(rows)), "amountCents": gross(rows), "netCents": net(rows),
        "transactionCount": len(rows),
        "previousAmountCents": gross(before) if question.compares else None,
    }


def breakdown(question, rows, before):
    shown = []
    for name, sources in CATEGORIES.items():
        of = lambda rows, names: [row for row in rows if row["source"] in names]
        there = sorted({row["source"] for row in of(rows + before, sources)})
        if there:
            parts = [dict(source=one, **sums(question, of(rows, [one]), of(before, [one]))) for one in there]
            whole = sums(question, of(rows, sources), of(before, sources))
            shown.append(dict(category=name, sources=parts, **whole))
    shown.sort(key=lambda one: -one["amountCents"])
    earned = sum(one["amountCents"] for one in shown if one["amountCents"] > 0)
    for one in shown:
        one["percentage"] = tenths(one["amountCents"], earned)
    return shown


def cards(question, rows, before, buckets):
    shown = {}
    for creator in question.creators:
        own = [row for row in rows if row["creator"] == creator]
        earlier = [row for row in before if row["creator"] == creator]
        shown[creator] = {
            "total": money(gross(own)), "totalCents": gross(own), "netCents": net(own),
            "transactionCount": len(own),
            "previousTotalCents": gross(earlier) if question.compares else None,
            "provisionalCents": gross(row for row in own if row["provisional"]),
            "sparkline": [
                gross(row for row in own if first <= row["day"] <= last) for first, last in buckets
            ],
            "rowsSoFar": sum(
                row["creator"] == creator and not row["provisional"] for row in question.rows
            ),
        }
    return shown


class Comparison:
    def __init__(self, query):
        self.query, self.count = query, 0

    def fail(self, path, told, wanted):
        sys.exit(f"{self.query}: {path} is {told}, and should be {wanted}")

    def compare(self, path, told, wanted):
        if path.endswith(".until") and told is not None and wanted is not None:
            told = moment(told).timestamp()
        if isinstance(wanted, dict):
            if not isinstance(told, dict):
                self.fail(path, told, wanted)
            for key, value in wanted.items():
                self.compare(f"{path}.{key}", told.get(key, "missing"), value)
            for key in told.keys() - wanted.keys() - NOT_COMPUTED:
                if not isinstance(told[key], (str, bool)) and (told[key] is not None or key not in NULLS):
                    self.fail(f"{path}.{key}", told[key], "computed here too")
        elif isinstance(wanted, list):
            if not isinstance(told, list) or len(told) != len(wanted):
                self.fail(path, told, wanted)
            for index, (one, other) in enumerate(zip(told, wanted)):
                self.compare(f"{path}[{index}]", one, other)
        else:
            if told != wanted:
                self.fail(path, told, wanted)
            if isinstance(wanted, Decimal) and told.as_tuple().exponent != wanted.as_tuple().exponent:
                self.fail(path, told, f"{wanted}, with its decimals")
            self.count += isinstance(wanted, (int, float, Decimal))


def main():
    with open(sys.argv[1]) as file:
        told = json.load(file, parse_float=Decimal)
    world, count = World(told), 0
    for answered in told["answers"]:
        answer = answered["answer"]
        now = moment(answer["freshness"]["generatedAt"])
        question = Question(world, answered["query"], now, answered.get("creator"))
        comparison = Comparison(f"{told['zone']} {answered['query']}")
        shown = {card["fanvueUserUuid"]: card for card in answer["models"]}
        order = [(-card["totalCents"], card["name"]) for card in answer["models"]]
        if order != sorted(order):
            sys.exit(f"{answered['query']}: the creators stand in another order")
        if shown.keys() != set(question.creators):
            sys.exit(f"{answered['query']}: {shown.keys()} are shown, not {question.creators}")
        wanted = expected(question)
        comparison.compare("", dict(answer, models=shown), wanted)
        if comparison.count < NUMBERS_MIN:
            sys.exit(f"{answered['query']}: only {comparison.count} numbers were compared")
        count += comparison.count
    print(f"{count} numbers of {len(told['answers'])} answers are right in {told['zone']}")


main()
