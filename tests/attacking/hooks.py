"""What `tests/attack` sees of Schemathesis: every answer, counted into a file; and ids of another agency put where
an id is asked for, where it is told some. Both stand in variables that `tests/attack` sets."""

import atexit, collections, json, os, threading

import schemathesis

COUNTS = os.environ["ATTACK_COUNTS"]
# Names of parameters with the ids to send for them.
FOREIGN = json.loads(os.environ.get("ATTACK_FOREIGN", "{}"))

lock = threading.Lock()
statuses = collections.Counter()
errors = []
turns = collections.Counter()


def count(case, status, body):
    with lock:
        statuses[status] += 1
        if status >= 500 and len(errors) < 100:
            errors.append([status, case.method, case.formatted_path, str(case.query)[:500], body])


@schemathesis.hook
def after_call(context, case, response):
    count(case, response.status_code, response.content[:500].decode("utf-8", "replace"))


@schemathesis.hook
def after_network_error(context, case, request):
    count(case, 599, "no answer")


def changed(part):
    """Every second time an id of another agency in the place of whatever was made up."""
    for name in set(part or ()) & set(FOREIGN):
        turns[name] += 1
        if turns[name] % 2:
            part[name] = FOREIGN[name][turns[name] // 2 % len(FOREIGN[name])]
    return part


@schemathesis.hook
def map_query(context, query):
    return changed(query)


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    return changed(path_parameters)


def write():
    with open(COUNTS, "w") as out:
        json.dump({"statuses": statuses, "errors": errors}, out)


atexit.register(write)
