"""Which files are let in: an allow-list by the name's ending, and the content must be what the ending says.

This does not guess what a file might be: it only answers whether the bytes have the form that was promised. Archives
are listed without unpacking, so that a bomb is refused by what it claims, and office files with macros are refused.
"""

from __future__ import annotations

import codecs
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from workflows.errors import RejectedError

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Compound File Binary: doc, xls, ppt, wps, et
_CHUNK = 1024 * 1024
_MOST_ENTRIES = 10_000
_MOST_UNPACKED = 1024**3
_MOST_RATIO = 200
_CONTROL = {*range(32)} - {9, 10, 12, 13}  # tab, line feed, form feed, carriage return may stand in a text
_OFFICE = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True, slots=True)
class FileType:
    """What an ending promises: the media type it is served as, and the look at the content."""

    media_type: str
    fits: Callable[[Path], bool]


def require_type(path: Path, name: str, allowed: str) -> str:
    """Return the media type of the file at ``path`` called ``name``, or raise ``RejectedError``.

    ``allowed`` is the setting: endings, separated by commas.
    """
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    wanted = {part.strip().lower() for part in allowed.split(",")}
    found = TYPES.get(ending) if ending in wanted else None
    if found is None:
        message = f"Expected one of the endings {', '.join(sorted(wanted & TYPES.keys()))}."
        raise RejectedError(
            message, code="attachment-type-forbidden", ending=ending, allowed=sorted(wanted & TYPES.keys())
        )
    if path.stat().st_size == 0:
        raise RejectedError("Expected a file with content, but it is empty.", code="attachment-empty")
    if not found.fits(path):
        message = f"Expected the content of {name!r} to be {ending}, but it is not."
        raise RejectedError(message, code="attachment-content-mismatch", ending=ending)
    return found.media_type


def _begins(*signatures: bytes) -> Callable[[Path], bool]:
    def fits(path: Path) -> bool:
        with path.open("rb") as file:
            return file.read(16).startswith(signatures)

    return fits


def _holds(*entries: str) -> Callable[[Path], bool]:
    """Look for an archive that holds all these entries, each a full name or the beginning of one."""

    def fits(path: Path) -> bool:
        names = _entries(path)
        return names is not None and all(any(name.startswith(entry) for name in names) for entry in entries)

    return fits


def _either(*looks: Callable[[Path], bool]) -> Callable[[Path], bool]:
    return lambda path: any(look(path) for look in looks)


def _entries(path: Path) -> list[str] | None:
    """Return the names in an archive, None for what is none; raise ``RejectedError`` for a bomb or macros."""
    if not _begins(b"PK\x03\x04", b"PK\x05\x06")(path):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError):
        return None
    packed, unpacked = path.stat().st_size, sum(entry.file_size for entry in entries)
    if len(entries) > _MOST_ENTRIES or unpacked > _MOST_UNPACKED or unpacked > packed * _MOST_RATIO + _CHUNK:
        message = "Expected an archive of ordinary size, but it would unpack to far more."
        raise RejectedError(message, code="attachment-archive-bomb")
    names = [entry.filename for entry in entries]
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise RejectedError("Expected an office file without macros.", code="attachment-with-macros")
    return names


def _is_text(path: Path) -> bool:
    """Whether it is text in UTF-8, UTF-16 with a mark, or GB 18030, without control characters."""
    with path.open("rb") as file:
        head = file.read(2)
    encodings = ("utf-16",) if head in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} else ("utf-8", "gb18030")
    return any(_decodes(path, encoding) for encoding in encodings)


def _decodes(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding, newline="") as file:
            while chunk := file.read(_CHUNK):
                if not _CONTROL.isdisjoint(map(ord, chunk)):
                    return False
    except UnicodeError:
        return False
    return True


_is_zip = _holds()
TYPES: Mapping[str, FileType] = {
    "pdf": FileType("application/pdf", _begins(b"%PDF-")),
    "jpg": FileType("image/jpeg", _begins(b"\xff\xd8\xff")),
    "jpeg": FileType("image/jpeg", _begins(b"\xff\xd8\xff")),
    "png": FileType("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    "doc": FileType("application/msword", _begins(_OLE)),
    "xls": FileType("application/vnd.ms-excel", _begins(_OLE)),
    "ppt": FileType("application/vnd.ms-powerpoint", _begins(_OLE)),
    "docx": FileType(f"{_OFFICE}wordprocessingml.document", _holds("[Content_Types].xml", "word/")),
    "xlsx": FileType(f"{_OFFICE}spreadsheetml.sheet", _holds("[Content_Types].xml", "xl/")),
    "pptx": FileType(f"{_OFFICE}presentationml.presentation", _holds("[Content_Types].xml", "ppt/")),
    "ofd": FileType("application/ofd", _holds("OFD.xml")),  # GB/T 33190 §7.2: the package's main entry
    "wps": FileType("application/vnd.ms-works", _either(_begins(_OLE), _holds("[Content_Types].xml", "word/"))),
    "et": FileType("application/vnd.ms-excel", _either(_begins(_OLE), _holds("[Content_Types].xml", "xl/"))),
    "zip": FileType("application/zip", _is_zip),
    "txt": FileType("text/plain", _is_text),
    "csv": FileType("text/csv", _is_text),
}
