#!/usr/bin/env python3
"""Checks what docs/dependencies.md says of the crates and `cargo deny` can't know: how many there are,
and that none of ours holds `unsafe`."""

import json, pathlib, re, subprocess, sys, tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Crates in a function, with ours and with the macros that run while it is built.
MOST_CRATES = 180
# Functions run on Linux; what other systems would need is not theirs.
TARGET = "x86_64-unknown-linux-gnu"


def cargo(*arguments):
    done = subprocess.run(["cargo", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def crates(platform):
    """Name and version of each crate in the functions of a platform."""
    tree = cargo(
        "tree", "--locked", "--package", "functions", "--no-default-features", "--features", platform,
        "--target", TARGET, "--edges", "normal", "--prefix", "none", "--format", "{p}",
    )
    return {tuple(line.split()[:2]) for line in tree.splitlines() if line}


def sizes():
    for platform in ("vercel", "lambda"):
        count = len(crates(platform))
        print(f"functions for {platform}: {count} crates of {MOST_CRATES}")
        if count > MOST_CRATES:
            yield f"functions for {platform} have {count} crates, more than {MOST_CRATES}"


def unsafe(metadata):
    lints = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["lints"]
    if lints["rust"]["unsafe_code"] != "forbid":
        yield "the workspace does not forbid unsafe code"
    for package in metadata["packages"]:
        manifest = tomllib.loads(pathlib.Path(package["manifest_path"]).read_text())
        if manifest.get("lints") != {"workspace": True}:
            yield f"{package['name']} does not take the lints of the workspace"
    # A workspace of its own, for another compiler: the lint is not asked there.
    for file in sorted((ROOT / "fuzz").rglob("*.rs")):
        if "target" not in file.relative_to(ROOT).parts and re.search(r"\bunsafe\b", file.read_text()):
            yield f"{file.relative_to(ROOT)} holds unsafe code"


def main():
    metadata = json.loads(cargo("metadata", "--locked", "--format-version", "1", "--no-deps"))
    problems = [*sizes(), *unsafe(metadata)]
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


main()
