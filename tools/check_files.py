"""Check files of any kind before a commit: readable YAML, TOML and JSON, no merge marks, no stray blanks, none too big.

Called with file names by pre-commit, and without any by ``make lint``, which means every file that git keeps.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import yaml

LARGEST = 1_000_000
BINARY = {".png", ".jpg", ".ico", ".db", ".woff2", ".mo", ".xlsx", ".pdf"}
AS_IT_CAME = ("tests/conformance/", "tests/corpus/")  # copies of other people's files stay as they are
MARKS = ("<" * 7 + " ", ">" * 7 + " ")
READERS: dict[str, Callable[[str], object]] = {
    ".json": json.loads,
    ".toml": tomllib.loads,
    ".yaml": lambda text: list(yaml.safe_load_all(text)),
    ".yml": lambda text: list(yaml.safe_load_all(text)),
}


def main() -> int:
    """Print every fault and count them in the exit status."""
    names = sys.argv[1:] or subprocess.run(
        ["git", "ls-files", "-z"], capture_output=True, text=True, check=True
    ).stdout.strip("\0").split("\0")
    faults = [fault for name in names if Path(name).is_file() for fault in faults_of(Path(name))]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def faults_of(path: Path) -> list[str]:
    """Return what is wrong with one file."""
    content = path.read_bytes()
    faults = [f"{path}: larger than {LARGEST} bytes"] if len(content) > LARGEST else []
    if path.suffix in BINARY or path.as_posix().startswith(AS_IT_CAME):
        return faults
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        return [*faults, f"{path}: not UTF-8 at byte {error.start}"]
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith(MARKS):
            faults.append(f"{path}:{number}: a merge mark")
        if line != line.rstrip() and path.suffix != ".md":
            faults.append(f"{path}:{number}: blanks at the end of the line")
    if text and not text.endswith("\n"):
        faults.append(f"{path}: the last line does not end")
    return faults + unreadable(path, text)


def unreadable(path: Path, text: str) -> list[str]:
    """Return the complaint of the format's own reader, if it has one."""
    reader = READERS.get(path.suffix)
    if reader is None:
        return []
    try:
        reader(text)
    except (ValueError, yaml.YAMLError) as error:
        return [f"{path}: {error}"]
    return []


if __name__ == "__main__":
    sys.exit(main())
