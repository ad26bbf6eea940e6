#!/usr/bin/env python3
"""Looks at what `vercel build` made of a clone, and fails when anything else would be published than the
functions of `api/`, the schedules of `vercel.json` and the page: tests/vercel-build.sh calls it.

    tests/vercel_output.py CLONE SECRET...

The secrets were in the environment of the build; none of them may be found in what it made."""

import fnmatch, json, os, pathlib, re, sys, tomllib

PROBLEMS = []
# What Vercel takes of one function, uncompressed.
LARGEST_FUNCTION = 250 * 1000 * 1000
# What stands in the repository and is nobody's business.
PRIVATE = [
    "/Cargo.toml", "/Cargo.lock", "/crates/app/src/lib.rs", "/migrations/", "/vercel.json", "/.env",
    "/.env.example", "/.git/config", "/api/health.rs/x", "/api/health.rs.bak", "/README.md", "/deploy/aws/template.json",
    "/dashboard/package.json", "/dashboard/src/main.tsx", "/package.json", "/api/nothing", "/api",
]


def expect(truth, problem):
    if not truth:
        PROBLEMS.append(problem)


def equal(what, found, wanted):
    if isinstance(wanted, set):
        expect(found == wanted, f"{what}: too many {sorted(found - wanted)}, missing {sorted(wanted - found)}")
    else:
        expect(found == wanted, f"{what}: {found!r} instead of {wanted!r}")


def read(path):
    return json.loads(path.read_text())


def files_below(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def seconds(file, settings):
    """The time of a function: the first pattern that names its file counts. `*` is without a slash."""
    for pattern, one in settings["functions"].items():
        text = re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
        if re.fullmatch(text, file):
            return one["maxDuration"]
    return None


def sources(clone):
    """The files of `api/` by the functions that they become, as the builder finds them."""
    files = [path.relative_to(clone) for path in sorted((clone / "api").rglob("*.rs"))]
    return {file.with_suffix("").as_posix(): file.as_posix() for file in files}


def check_function(clone, name, file, settings, binaries):
    folder = clone / ".vercel/output/functions" / f"{name}.func"
    config = read(folder / ".vc-config.json")
    equal(f"{name}: files", files_below(folder), {".vc-config.json"})
    for key, wanted in [
        ("runtime", "executable"), ("handler", "executable"), ("architecture", "x86_64"),
        ("supportsResponseStreaming", True), ("environment", {}), ("maxDuration", seconds(file, settings)),
    ]:
        equal(f"{name}: {key}", config.get(key), wanted)
    equal(f"{name}: what is sent", set(config["filePathMap"]), {"executable"})
    # The builder refers to what cargo made: a wrong name would serve another endpoint's code.
    binary = (clone / config["filePathMap"]["executable"]).resolve()
    equal(f"{name}: binary", binary.name, binaries.get(file))
    equal(f"{name}: profile", binary.parent.name, "release")
    with open(binary, "rb") as content:
        expect(content.read(4) == b"\x7fELF", f"{name}: {binary.name} is no binary of Linux")
    expect(os.access(binary, os.X_OK), f"{name}: {binary.name} can't be run")
    size = binary.stat().st_size
    expect(size < LARGEST_FUNCTION, f"{name}: {size} bytes")
    return binary


def check_functions(clone, settings):
    manifest = tomllib.loads((clone / "Cargo.toml").read_text())
    binaries = {one["path"]: one["name"] for one in manifest["bin"]}
    wanted = sources(clone)
    output = clone / ".vercel/output/functions"
    found = {path.relative_to(output).as_posix().removesuffix(".func") for path in output.rglob("*.func")}
    equal("functions", found, set(wanted))
    made = [check_function(clone, name, wanted[name], settings, binaries) for name in sorted(found & set(wanted))]
    equal("binaries", len(set(made)), len(wanted))
    return made


def check_page(clone):
    static, built = clone / ".vercel/output/static", clone / "dashboard/dist"
    names = files_below(static)
    equal("static files", names, files_below(built))
    for name in sorted(names):
        same = (built / name).exists() and (static / name).read_bytes() == (built / name).read_bytes()
        expect(same, f"{name} is not what was built")
        kinds = ["*.html", "*.js", "*.css", "*.svg", "*.woff2", "openapi.json"]
        expect(any(fnmatch.fnmatch(name, kind) for kind in kinds), f"{name} is no file of a page")
    expect({"index.html", "openapi.json"} <= names, "the page or its description is missing")
    for asset in re.findall(r'(?:src|href)="/([^"]+)"', (static / "index.html").read_text()):
        expect(asset in names, f"the page asks for {asset}, which is not there")
    return names


def in_output(path, functions, static):
    name = path.split("?")[0].lstrip("/")
    if name in functions:
        return f"function {name}"
    return f"file {name or 'index.html'}" if (name or "index.html") in static else None


def served(path, routes, functions, static):
    """What answers a path and with which headers, by the routes of the output in their order."""
    headers, phase = {}, None
    for route in routes:
        if "handle" in route:
            phase = route["handle"]
            if phase == "filesystem" and (there := in_output(path, functions, static)):
                return there, headers
            continue
        if phase == "error" or not (match := re.match(route["src"], path)):
            continue
        headers.update({key.lower(): value for key, value in route.get("headers", {}).items()})
        if "status" in route:
            return route["status"], headers
        if "dest" in route:
            target = re.sub(r"\$(\d)", lambda found: match[int(found[1])] or "", route["dest"])
            if there := in_output(target, functions, static):
                return there, headers
    return 404, headers


def check_routes(config, functions, static):
    def ask(path):
        return served(path, config["routes"], functions, static)

    for name in functions:
        answer, headers = ask("/" + re.sub(r"\[\w+\]", "42", name))
        equal(f"/{name}", answer, f"function {name}")
        expect(headers.get("cache-control") in ("private, no-cache", "no-store"), f"/{name} may be cached by others")
    for path in ["/", "/sync", "/creators/42"]:
        answer, headers = ask(path)
        equal(path, answer, "file index.html")
        for header in ["content-security-policy", "referrer-policy", "x-content-type-options"]:
            expect(header in headers, f"{path} has no {header}")
    for path in PRIVATE:
        equal(path, ask(path)[0], 404)


def check_secrets(clone, secrets, binaries):
    output = clone / ".vercel/output"
    for path in [*(output / name for name in files_below(output)), *binaries]:
        content = path.read_bytes() + str(path.relative_to(clone) if path.is_relative_to(clone) else "").encode()
        for number, secret in enumerate(secrets, 1):
            expect(secret.encode() not in content, f"secret {number} stands in {path.name}")


def main():
    clone, secrets = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    expect(secrets and all(len(secret) > 15 for secret in secrets), "no secret to look for")
    settings, config = read(clone / "vercel.json"), read(clone / ".vercel/output/config.json")
    equal("version", config["version"], 3)
    equal("schedules", config["crons"], settings["crons"])
    binaries = check_functions(clone, settings)
    functions, static = set(sources(clone)), check_page(clone)
    for cron in config["crons"]:
        expect(cron["path"].lstrip("/") in functions, f"schedule of {cron['path']}: no such function")
    check_routes(config, functions, static)
    check_secrets(clone, secrets, binaries)
    for problem in PROBLEMS:
        print(problem, file=sys.stderr)
    largest = max((binary.stat().st_size for binary in binaries), default=0)
    print(f"{len(binaries)} functions of {largest / 1e6:.1f} MB at most, {len(config['crons'])} schedules, {len(static)} files")
    sys.exit(1 if PROBLEMS else 0)


main()
