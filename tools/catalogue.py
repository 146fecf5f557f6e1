"""Keep the translated texts complete. Texts stand in ``api/`` and ``web/`` inside ``gettext`` and its relatives.

``update``   extract them and merge them into every catalogue ``*/translations/<language>/LC_MESSAGES/messages.po``
``compile``  write the ``.mo`` files that the product reads (make assets does; they are not kept in git)
``check``    complain of texts that a catalogue lacks, leaves empty, marks as doubtful or gives other placeholders
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
DOORS = ("api", "web")
METHODS = [("**.py", "python"), ("**/templates/**", "jinja2")]
KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")


def main() -> int:
    """Do what the command line names to every catalogue."""
    verbs: dict[str, Callable[[Path, Catalog], Iterator[str]]] = {
        "update": update,
        "compile": compile_one,
        "check": check,
    }
    if len(sys.argv) != len(["catalogue.py", "verb"]) or sys.argv[1] not in verbs:
        print(f"Expected one of {', '.join(verbs)}.")
        return 2
    wanted = Catalog() if sys.argv[1] == "compile" else extracted()
    catalogues = sorted(path for door in DOORS for path in (ROOT / door).glob("translations/*/LC_MESSAGES/*.po"))
    if len(wanted) and not catalogues:
        print(f"Expected catalogues for {len(wanted)} texts, but there is none under {' or '.join(DOORS)}.")
        return 1
    faults = [fault for path in catalogues for fault in verbs[sys.argv[1]](path, wanted)]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def extracted() -> Catalog:
    """Return every text of the doors, with the places where it stands."""
    catalogue = Catalog(project="zecheng", charset="utf-8")
    for door in DOORS:
        for name, line, text, comments, context in extract_from_dir(
            ROOT / door, METHODS, keywords=KEYWORDS, comment_tags=("translators:",), strip_comment_tags=True
        ):
            catalogue.add(text, None, [(f"{door}/{name}", line)], auto_comments=comments, context=context)
    return catalogue


def load(path: Path) -> Catalog:
    """Read one catalogue; its language is the folder's name."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def update(path: Path, wanted: Catalog) -> Iterator[str]:
    """Merge new texts into a catalogue and drop those that nothing says any more."""
    catalogue = load(path)
    catalogue.update(wanted, no_fuzzy_matching=True, update_creation_date=False)
    with path.open("wb") as file:
        write_po(file, catalogue, width=120, ignore_obsolete=True, omit_header=False, sort_by_file=True)
    yield from ()


def compile_one(path: Path, _wanted: Catalog) -> Iterator[str]:
    """Write the binary catalogue beside its source when that is newer."""
    target = path.with_suffix(".mo")
    if not target.exists() or target.stat().st_mtime < path.stat().st_mtime:
        with target.open("wb") as file:
            write_mo(file, load(path))
    yield from ()


def check(path: Path, wanted: Catalog) -> Iterator[str]:
    """Yield what is missing or doubtful in a catalogue."""
    catalogue = load(path)
    for message in wanted:
        if message.id:
            fault = fault_of(message, catalogue.get(message.id, message.context))
            if fault:
                place = ":".join(map(str, message.locations[0])) if message.locations else "?"
                yield f"{path.relative_to(ROOT)}: {fault}: {message.id!r} ({place})"


def fault_of(wanted: Message, found: Message | None) -> str:
    """Return what is wrong with a translation, or nothing."""
    texts = texts_of(found.string) if found is not None else []
    if not texts or not all(texts):
        return "not translated"
    if found is not None and found.fuzzy:
        return "doubtful"
    expected = {name for text in texts_of(wanted.id) for name in PLACEHOLDER.findall(text)}
    if any(set(PLACEHOLDER.findall(text)) - expected for text in texts):
        return "has a placeholder that is never filled"
    return ""


def texts_of(value: str | list[str] | tuple[str, ...] | None) -> list[str]:
    """Return singular and plural alike as a list."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


if __name__ == "__main__":
    sys.exit(main())
