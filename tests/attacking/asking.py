"""How the attack asks, and what it counts. Nothing but Python's own library."""

import base64, collections, http.client, json, re, socket, threading, urllib.parse, urllib.request

# In the place of a status: nobody answered, which counts as a server error; or a connection was closed on a request
# that is none.
NO_ANSWER, CLOSED = 599, 0
# No function is given longer for an answer (vercel.json).
SECONDS_MAX = 300
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Counts:
    """Every request with its status, by part of the attack, and what was not as it should be."""

    def __init__(self):
        self.lock = threading.Lock()
        self.parts, self.errors, self.failures = {}, [], []

    def add(self, part, status, what="", said="", times=1):
        with self.lock:
            self.parts.setdefault(part, collections.Counter())[status] += times
            if status >= 500 and len(self.errors) < 200:
                self.errors.append(f"{part}: {status} {what[:400]}\n    {said[:400]}")

    def expect(self, holds, part, text):
        with self.lock:
            if not holds and len(self.failures) < 200:
                self.failures.append(f"{part}: {text[:600]}")

    def requests(self):
        return sum(sum(statuses.values()) for statuses in self.parts.values())

    def server_errors(self):
        return sum(times for statuses in self.parts.values() for status, times in statuses.items() if status >= 500)

    def table(self):
        yield "| part | requests | statuses | server errors |\n|---|--:|---|--:|"
        for part, statuses in self.parts.items():
            shown = ", ".join(f"{'closed' if status == CLOSED else status}: {times:,}"
                              for status, times in sorted(statuses.items()))
            errors = sum(times for status, times in statuses.items() if status >= 500)
            yield f"| {part} | {sum(statuses.values()):,} | {shown} | {errors} |"


class Answer:
    def __init__(self, status, headers=None, body=b""):
        self.status, self.headers, self.body = status, headers or {}, body

    def text(self):
        return self.body.decode("utf-8", "replace")

    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return {}


class Api:
    """The server that is attacked, over connections that are kept, one a thread."""

    def __init__(self, url, counts):
        self.url, self.counts = url, counts
        address = urllib.parse.urlsplit(url)
        self.host, self.port = address.hostname, address.port
        self.kept = threading.local()

    def ask(self, part, method, path, bearer=None, headers=(), body=None):
        headers = dict(headers)
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        answer, why = None, ""
        # A connection that was kept may have been closed meanwhile: that is no answer of the server.
        for _ in range(2):
            connection = getattr(self.kept, "connection", None)
            is_new = connection is None
            if is_new:
                connection = http.client.HTTPConnection(self.host, self.port, timeout=SECONDS_MAX)
            try:
                connection.request(method, path, body=body, headers=headers)
                response = connection.getresponse()
                said = {name.lower(): value for name, value in response.getheaders()}
                answer = Answer(response.status, said, response.read())
                self.kept.connection = None if response.will_close else connection
                break
            except (http.client.HTTPException, OSError) as error:
                connection.close()
                self.kept.connection, why = None, repr(error)
                if is_new:
                    break
        answer = answer or Answer(NO_ANSWER, body=why.encode())
        who = "somebody" if bearer else "nobody"
        self.counts.add(part, answer.status, f"{method} {path} as {who}", answer.text())
        return answer

    def expect(self, holds, part, text):
        self.counts.expect(holds, part, text)

    def connect(self, timeout=10):
        stream = socket.create_connection((self.host, self.port), timeout=timeout)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return stream

    def head(self, method, path, bearer=None):
        """The beginning of a request as bytes, without the empty line that ends its headers."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}:{self.port}"]
        if bearer is not None:
            lines.append(f"Authorization: Bearer {bearer}")
        return ("\r\n".join(lines) + "\r\n").encode()

    def session(self, role):
        """The access token of a user of the demonstration."""
        answer = self.ask("sign in", "GET", f"/demo?role={role}")
        value = answer.headers["set-cookie"].split(";")[0].split("=", 1)[1].removeprefix("base64-")
        return json.loads(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))["access_token"]


class World:
    """The simulated Fanvue, which is not attacked."""

    def __init__(self, url):
        self.url = url

    def tell(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(self.url + path, data=data, timeout=60) as response:
            return json.loads(response.read())


def status_of(stream):
    """The status that comes over a connection; `CLOSED` where it ends without one, `None` where nothing comes."""
    said = b""
    try:
        while b"\r\n" not in said and len(said) < 4096:
            piece = stream.recv(4096)
            if not piece:
                break
            said += piece
    except TimeoutError:
        return None
    except OSError:
        return CLOSED
    found = re.match(rb"HTTP/1\.[01] (\d{3})", said)
    return int(found[1]) if found else CLOSED


def ids_in(value):
    """All uuids that stand anywhere in an answer."""
    return set(UUID.findall(json.dumps(value).lower()))
