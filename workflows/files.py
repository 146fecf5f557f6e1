"""Where the bytes of attachments live: by SHA-256, on disk before any row names them.

``FileStore`` is what an object store would have to offer. Content is never changed nor overwritten: two uploads of
the same bytes are one file.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from workflows.errors import NotFoundError, RejectedError

_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredContent:
    """Bytes that are safely kept, by their digest."""

    digest: str
    size: int


class Draft(Protocol):
    """Content that was received and belongs to nobody yet: look at it, then keep it or throw it away."""

    @property
    def content(self) -> StoredContent: ...

    @property
    def path(self) -> Path: ...

    def keep(self) -> None: ...

    def discard(self) -> None: ...


class FileStore(Protocol):
    """Keeps content by digest. ``keep`` returns only when the bytes would survive a loss of power."""

    def receive(self, source: BinaryIO, largest: int) -> Draft: ...

    def open(self, digest: str) -> BinaryIO: ...


class LocalFiles:
    """Files in a folder of this machine, two levels deep."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def receive(self, source: BinaryIO, largest: int) -> LocalDraft:
        """Read ``source`` into a file of its own, or raise ``RejectedError`` once it passes ``largest`` bytes."""
        incoming = self._folder / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        path = incoming / secrets.token_hex(16)
        try:
            with path.open("xb") as target:
                content = _copy(source, target, largest)
                target.flush()
                os.fsync(target.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return LocalDraft(content, path, self.path_of(content.digest))

    def open(self, digest: str) -> BinaryIO:
        """Open content for reading, or raise ``NotFoundError`` where the folder has lost it."""
        try:
            return self.path_of(digest).open("rb")
        except FileNotFoundError as fault:
            message = f"Expected the content {digest} to be kept, but it is gone."
            raise NotFoundError(message, code="content-not-found", digest=digest) from fault

    def path_of(self, digest: str) -> Path:
        """Return where content lies."""
        if len(digest) != hashlib.sha256().digest_size * 2 or not digest.isalnum():
            message = f"Expected a SHA-256 in hexadecimal digits, but got {digest!r}."
            raise NotFoundError(message, code="content-not-found", digest=digest)
        return self._folder / digest[:2] / digest[2:4] / digest


@dataclass(frozen=True, slots=True)
class LocalDraft:
    """A received file beside its place."""

    content: StoredContent
    path: Path
    place: Path

    def keep(self) -> None:
        """Move the file to its place and force the folder to disk: only then may a row name it."""
        self.place.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.link(self.path, self.place)
        self.path.unlink(missing_ok=True)
        for folder in (self.place.parent, self.place.parent.parent, self.place.parent.parent.parent):
            _sync_folder(folder)

    def discard(self) -> None:
        """Throw the received bytes away."""
        self.path.unlink(missing_ok=True)


def _copy(source: BinaryIO, target: BinaryIO, largest: int) -> StoredContent:
    hasher, size = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK):
        size += len(chunk)
        if size > largest:
            message = f"Expected at most {largest} bytes, but there are more."
            raise RejectedError(message, code="attachment-too-large", maximum=largest)
        hasher.update(chunk)
        target.write(chunk)
    return StoredContent(hasher.hexdigest(), size)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
