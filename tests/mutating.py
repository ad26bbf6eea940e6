"""Makes mutants of Rust as rustfmt writes it: one small change each, in code and never in a comment, a text, an
attribute or a test. Whether one compiles is for the compiler to say. Used by `tests/mutants`."""

import collections, re

# `start` and `end` are places in the file's text, `instead` is what stands there then.
Mutant = collections.namedtuple("Mutant", "file line kind start end instead before after")

COMMENT_OR_TEXT = re.compile(r"""
    //[^\n]* | /\*.*?\*/ |
    b?r(?P<hashes>\#*)".*?"(?P=hashes) |
    b?"(?:[^"\\]|\\.)*" |
    b?'(?:[^'\\\n]|\\(?:x[0-9a-fA-F]{2}|u\{[0-9a-fA-F]+\}|.))'
""", re.X | re.S)
ATTRIBUTE = re.compile(r"^ *#!?\[", re.M)
TESTS = re.compile(r"^#\[cfg\(test\)\]\nmod \w+ \{.*\Z", re.S | re.M)

# Binary operators stand between spaces; those of types do not, and the few that do don't compile.
SWAPPED = [
    ("comparison", {"<": ["<="], "<=": ["<"], ">": [">="], ">=": [">"], "==": ["!="], "!=": ["=="]}),
    ("arithmetic", {"+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["/"], "+=": ["-="], "-=": ["+="]}),
    ("logic", {"&&": ["||"], "||": ["&&"]}),
]
NAMES = [
    ("min", "max"), ("any", "all"), ("is_some", "is_none"), ("is_some_and", "is_none_or"), ("first", "last"),
    ("take_while", "skip_while"), ("take", "skip"), ("checked_add", "checked_sub"), ("saturating_add", "saturating_sub"),
    ("tomorrow", "yesterday"), ("start", "end"), ("first_of_month", "last_of_month"), ("min_by_key", "max_by_key"),
    ("is_ok", "is_err"),
]
INTEGERS = {"i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "usize", "isize"}
FUNCTION = re.compile(r"\bfn (?P<name>\w+)")
STATEMENT = re.compile(
    r"^ +(?!let |use |pub |const |return|mod |type |static |break|continue|fn |\}|#)(?:[*\w][^\n]*|\([^\n]*\) = [^\n]*);$", re.M)


def masked(text):
    """The same text with everything blank that is no code to change; lines stay where they are."""
    def blank(found):
        return re.sub(r"[^\n]", " ", found[0])

    code = COMMENT_OR_TEXT.sub(blank, text)
    tests = TESTS.search(code)
    code = code[:tests.start()] + blank(tests) if tests else code
    for found in reversed(list(ATTRIBUTE.finditer(code))):
        end = closing(code, found.end() - 1)
        code = code[:found.start()] + re.sub(r"[^\n]", " ", code[found.start():end]) + code[end:]
    return code


def closing(code, place):
    """The place behind the bracket that closes the one there."""
    depth = 0
    for end in range(place, len(code)):
        depth += code[end] in "([{"
        depth -= code[end] in ")]}"
        if depth == 0:
            return end + 1
    return len(code)


class Maker:
    def __init__(self, file, text):
        self.file, self.text, self.code = file, text, masked(text)
        self.made = {}

    def add(self, kind, start, end, instead):
        if self.text[start:end] == instead or (start, end, instead) in self.made:
            return
        line = self.text.count("\n", 0, start) + 1
        begin = self.text.rfind("\n", 0, start) + 1
        stop = self.text.find("\n", end)
        whole = self.text[begin:start] if kind == "body" else self.text[begin:stop]
        changed = self.text[begin:start] + instead + self.text[end:stop]
        before, after = (" ".join(one.split()) for one in (whole, changed))
        self.made[start, end, instead] = Mutant(self.file, line, kind, start, end, instead, before, after)

    def each(self, pattern, kind, instead, group=0):
        for found in re.finditer(pattern, self.code, re.M):
            for one in instead(found):
                self.add(kind, found.start(group), found.end(group), one)

    def operators(self):
        for kind, table in SWAPPED:
            words = "|".join(re.escape(word) for word in sorted(table, key=len, reverse=True))
            self.each(rf"(?<=\s)({words})(?=\s)", kind, lambda found, table=table: table[found[1]], 1)
        for one, other in NAMES:
            for name, instead in ((one, other), (other, one)):
                self.each(rf"(?<=\.)({name})(?=\()", "call", lambda _, instead=instead: [instead], 1)

    def values(self):
        self.each(r"\b(true|false)\b", "literal", lambda found: ["false" if found[1] == "true" else "true"], 1)
        self.each(r"(?<![\w.])(\d[\d_]*)(?![\w.]*\w)", "literal", lambda found: [str(int(found[1].replace("_", "")) + 1)], 1)
        self.each(r"(?<=[\s(])!(?=[\w(*])", "negation", lambda _: [""])
        self.each(r"(?<=\bif )(?!let\b)([^\n{]+)(?= \{$)", "condition", self.conditions, 1)
        self.each(r"(?<= if )([^\n{]+)(?= =>)", "guard", self.conditions, 1)
        self.each(r"(?<=\.\.)=", "range", lambda _: [""])

    @staticmethod
    def conditions(found):
        # With a pattern among them they are no expression to replace; an arm's are its guard.
        return [] if "let " in found[1] or "=>" in found[1] else ["true", "false"]

    def statements(self):
        for found in STATEMENT.finditer(self.code):
            start = found.start() + len(found[0]) - len(found[0].lstrip())
            if self.is_whole(found[0]) and self.begins(start):
                self.add("deletion", start, found.end(), "")

    def begins(self, start):
        """Whether a statement begins there: after another one, or after a brace."""
        return self.code[:start].rstrip()[-1:] in ("{", "}", ";")

    @staticmethod
    def is_whole(statement):
        return all(statement.count(one) == statement.count(other) for one, other in ("()", "[]", "{}"))

    def functions(self):
        for found in FUNCTION.finditer(self.code):
            body = self.body(found.end())
            if body is None:
                continue
            start, end = body
            signature = self.code[found.end():start]
            returned = signature.rsplit("->", 1)[1].split(" where")[0].strip() if "->" in signature else ""
            for instead in results(returned):
                self.add("body", start, end, f"{{ {instead} }}" if instead else "{}")

    def body(self, place):
        """Where the body of a function is whose name ends there; `None` for one without."""
        depth = 0
        for start in range(place, len(self.code)):
            letter = self.code[start]
            depth += letter in "(["
            depth -= letter in ")]"
            if depth == 0 and letter == ";":
                return None
            if depth == 0 and letter == "{":
                break
        else:
            return None
        end = closing(self.code, start)
        return (start, end) if self.code[start + 1:end - 1].strip() else None


def results(returned):
    """What a function of that type may answer that does nothing."""
    name = returned.split("<")[0].split("::")[-1]
    if returned in ("", "()"):
        return [""]
    if returned == "bool":
        return ["true", "false"]
    if returned in INTEGERS:
        return ["0", "1"]
    if returned.startswith("&") and returned.endswith("str"):
        return ['""']
    if name == "Option":
        return ["None"]
    if name == "Result":
        return ["Ok(Default::default())"]
    if returned.startswith("impl Iterator"):
        return ["std::iter::empty()"]
    return ["Default::default()"]


def mutants(file, text):
    """All mutants of a file, in the order of their places."""
    maker = Maker(file, text)
    for make in (maker.operators, maker.values, maker.statements, maker.functions):
        make()
    return sorted(maker.made.values(), key=lambda one: (one.start, one.end, one.instead))
