#!/usr/bin/env python3
"""Verify an exported ledger of 责成 without the system that wrote it. One file, Python 3.10 or newer, no packages.

    verify_ledger.py proof.json                      the proof of one case
    verify_ledger.py ledger.jsonl                    the whole ledger
      --key PUBLIC      trust only this key (64 hexadecimal digits), not those named in the file
      --checkpoint FILE a checkpoint kept elsewhere: the file must contain it, or nothing after it was forged away

Prints what was checked and the first fault. Exit 0: whole. 1: a fault. 2: unreadable, or nothing to check with.
Signatures are checked where something here can: Ed25519 with the package "cryptography", SM2 with the command openssl.
Else the last line says that they were not.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

GENESIS = "0" * 64
LEAF, NODE, EVENT, CHECKPOINT = b"\x00", b"\x01", b"\x02", b"\x04"
CHAINED = {"prev", "hash"}
Part = dict[str, Any]
Check = Callable[[bytes, bytes, bytes], "bool | None"]


class NotWholeError(Exception):
    """The ledger is not whole."""


class UnreadableError(Exception):
    """The file cannot be judged."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge one file, print the verdict and return the exit code."""
    parser = argparse.ArgumentParser(description="Verify an exported ledger or the proof of one case.")
    parser.add_argument("file")
    parser.add_argument("--key", help="the public key to trust, in hexadecimal digits")
    parser.add_argument("--checkpoint", help="a file with a checkpoint that was kept elsewhere")
    options = parser.parse_args(arguments)
    try:
        kept = load(options.checkpoint) if options.checkpoint else None
        verifier = Verifier(options.key, kept)
        with Path(options.file).open(encoding="utf-8") as file:
            verifier.read(file)
    except NotWholeError as fault:
        print(f"NOT WHOLE: {fault}")
        return 1
    except (UnreadableError, OSError, ValueError, LookupError, TypeError, AttributeError) as fault:
        print(f"CANNOT JUDGE: {type(fault).__name__}: {fault}")
        return 2
    print("\n".join(verifier.summary()))
    return 0


def load(path: str) -> Part:
    """Read a checkpoint, or the one inside a proof."""
    found: Part = json.loads(Path(path).read_text(encoding="utf-8"))
    return dict(found.get("checkpoint", found))


def canonical(value: object) -> bytes:
    """RFC 8785 for what the ledger hashes: text, whole numbers, null, lists and objects with ASCII keys."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def digest(algorithm: str, *parts: bytes) -> str:
    """Hash parts one after the other."""
    try:
        hasher = hashlib.new(algorithm)
    except ValueError:
        raise UnreadableError(f"this Python's hashlib has no {algorithm}") from None
    for part in parts:
        hasher.update(part)
    return hasher.hexdigest()


class Verifier:
    """Reads a file from front to back, and remembers what later parts must fit."""

    def __init__(self, key: str | None, kept: Part | None) -> None:
        self.key = key.lower() if key else None
        self.kept = kept
        self.keys: dict[str, dict[str, str]] = {}
        self.events = self.streams = self.checkpoints = self.signatures = 0
        self.at: tuple[str, int, str] | None = None  # (stream, seq, hash) of the last event
        self.marks: dict[str, dict[int, str]] = {}  # stream -> {seq: hash}: what checkpoints say
        self.heads: dict[str, tuple[int, str]] = {}  # stream -> (seq, hash): the ledger's own heads
        self.roots: dict[str, tuple[int, str]] = {}  # stream -> (seq, hash) as of the checkpoint that is being read
        self.last: Part | None = None
        self.kept_seen = kept is None
        self.included: int | None = None

    def read(self, file: TextIO) -> None:
        text = file.readline()
        first = json.loads(text)
        if first.get("format") != "zecheng-ledger-1":
            raise UnreadableError("not a ledger of this format")
        self.take_keys(first["keys"])
        if "events" in first:
            self.read_proof(first)
        else:
            self.read_export(file)
        if not self.kept_seen:
            raise NotWholeError("the checkpoint that was kept elsewhere is not in this file")

    def take_keys(self, keys: Mapping[str, dict[str, str]]) -> None:
        for name, key in keys.items():
            expected = hashlib.sha256(key["algorithm"].encode() + b"\x00" + bytes.fromhex(key["public"])).hexdigest()
            if name != expected[:32]:
                raise NotWholeError(f"key {name} is not the one of this name")
            if self.key in (None, key["public"]):
                self.keys[name] = key

    def read_export(self, file: TextIO) -> None:
        for number, line in enumerate(file, 2):
            part = json.loads(line)
            if "checkpoint" in part:
                self.take_checkpoint(part["checkpoint"])
            elif "head" in part:
                stream, seq, hashed = part["head"]
                self.heads[stream] = (seq, hashed)
            elif "event" in part:
                self.take_event(part["event"])
            else:
                raise UnreadableError(f"line {number} is none of checkpoint, head, event")
        self.end_stream()
        if self.heads or self.marks:
            gone = min([*self.heads, *self.marks])
            raise NotWholeError(f"{gone}: known of, but none of its events is here")

    def read_proof(self, proof: Part) -> None:
        for event in proof["events"]:
            if event["stream"] != proof["stream"]:
                raise NotWholeError(f"{event['stream']}: an event of another stream")
            self.take_event(event)
        checkpoint, inclusion = proof["checkpoint"], proof["inclusion"]
        if checkpoint:
            self.check_signature(checkpoint)
            self.last, self.checkpoints = checkpoint, 1
            self.see(checkpoint)
        if inclusion:
            self.check_inclusion(proof["events"], proof["stream"], checkpoint, inclusion)

    def take_event(self, event: Part) -> None:
        stream, seq = event["stream"], event["seq"]
        if self.at is None or self.at[0] != stream:
            self.end_stream()
            self.at = (stream, 0, GENESIS)
            self.streams += 1
        if seq != self.at[1] + 1:
            raise NotWholeError(f"{stream} #{self.at[1] + 1}: missing, #{seq} follows")
        if event["prev"] != self.at[2]:
            raise NotWholeError(f"{stream} #{seq}: not chained to the event before it")
        row = {name: value for name, value in event.items() if name not in CHAINED}
        parts = (EVENT, b"\x01", bytes.fromhex(event["prev"]), canonical(row))
        if digest(event["algorithm"], *parts) != event["hash"]:
            raise NotWholeError(f"{stream} #{seq}: not what was hashed")
        if self.marks.get(stream, {}).get(seq, event["hash"]) != event["hash"]:
            raise NotWholeError(f"{stream} #{seq}: a checkpoint holds another event in this place")
        self.at = (stream, seq, event["hash"])
        self.events += 1

    def end_stream(self) -> None:
        if self.at is None:
            return
        stream, seq, hashed = self.at
        marked = max(self.marks.pop(stream, {0: ""}))
        head = self.heads.pop(stream, None)
        if marked > seq:
            raise NotWholeError(f"{stream} #{seq + 1}: missing, a checkpoint holds #{marked}")
        if head is None:
            raise NotWholeError(f"{stream}: has events but no head")
        if head[0] > seq:
            raise NotWholeError(f"{stream} #{seq + 1}: missing, the head is at #{head[0]}")
        if head[0] == seq and head[1] != hashed:
            raise NotWholeError(f"{stream} #{seq}: the head is another")

    def take_checkpoint(self, checkpoint: Part) -> None:
        number = checkpoint["number"]
        expected, prev = (1, GENESIS) if self.last is None else (self.last["number"] + 1, self.hash_of(self.last))
        if number != expected:
            raise NotWholeError(f"checkpoint {expected}: missing, {number} follows")
        if checkpoint["prev"] != prev:
            raise NotWholeError(f"checkpoint {number}: not chained to the one before it")
        for stream, seq, hashed in checkpoint.pop("heads"):
            if self.roots.get(stream, (0, ""))[0] > seq:
                raise NotWholeError(f"checkpoint {number}: {stream} is shorter than before")
            self.roots[stream] = (seq, hashed)
            self.marks.setdefault(stream, {})[seq] = hashed
        if checkpoint["size"] != len(self.roots) or checkpoint["root"] != self.root(checkpoint["algorithm"]):
            raise NotWholeError(f"checkpoint {number}: the root is not that of its heads")
        self.check_signature(checkpoint)
        self.see(checkpoint)
        self.last = checkpoint
        self.checkpoints += 1

    def see(self, checkpoint: Part) -> None:
        if self.kept is None or checkpoint["number"] != self.kept["number"]:
            return
        if any(checkpoint[name] != self.kept[name] for name in ("root", "prev", "at", "size")):
            raise NotWholeError(f"checkpoint {checkpoint['number']}: not the one that was kept elsewhere")
        self.kept_seen = True

    def root(self, algorithm: str) -> str:
        level = [digest(algorithm, LEAF, canonical([name, *self.roots[name]])) for name in sorted(self.roots)]
        if not level:
            return digest(algorithm)
        while len(level) > 1:
            pairs = zip(level[::2], level[1::2], strict=False)
            above = [digest(algorithm, NODE, bytes.fromhex(a), bytes.fromhex(b)) for a, b in pairs]
            level = above + level[-1:] if len(level) % 2 else above
        return level[0]

    def check_inclusion(self, events: list[Part], stream: str, checkpoint: Part, inclusion: Part) -> None:
        algorithm, index, size = checkpoint["algorithm"], inclusion["index"], checkpoint["size"]
        node = digest(algorithm, LEAF, canonical([stream, inclusion["seq"], inclusion["hash"]]))
        path = list(inclusion["path"])
        while size > 1:
            if index ^ 1 < size:
                if not path:
                    raise NotWholeError("the path to the root is too short")
                other = bytes.fromhex(path.pop(0))
                pair = (other, bytes.fromhex(node)) if index & 1 else (bytes.fromhex(node), other)
                node = digest(algorithm, NODE, *pair)
            index, size = index // 2, (size + 1) // 2
        if path or index or node != checkpoint["root"]:
            raise NotWholeError("the case's head is not under the checkpoint's root")
        if len(events) < inclusion["seq"] or events[inclusion["seq"] - 1]["hash"] != inclusion["hash"]:
            raise NotWholeError(f"{stream} #{inclusion['seq']}: a checkpoint holds another event in this place")
        self.included = inclusion["seq"]

    def hash_of(self, checkpoint: Part) -> str:
        signature = bytes.fromhex(checkpoint["signature"])
        return digest(checkpoint["algorithm"], CHECKPOINT, canonical(self.body(checkpoint)), signature)

    @staticmethod
    def body(checkpoint: Part) -> Part:
        return {name: value for name, value in checkpoint.items() if name not in ("signature", "heads")}

    def check_signature(self, checkpoint: Part) -> None:
        key = self.keys.get(checkpoint["key_id"])
        if key is None:
            raise NotWholeError(f"checkpoint {checkpoint['number']}: signed by a key that is not trusted")
        check = CHECKS.get(key["algorithm"])
        if check is None:
            return
        message = canonical(self.body(checkpoint))
        found = check(bytes.fromhex(key["public"]), message, bytes.fromhex(checkpoint["signature"]))
        if found is None:
            return
        if not found:
            raise NotWholeError(f"checkpoint {checkpoint['number']}: the signature does not fit")
        self.signatures += 1

    def summary(self) -> Iterator[str]:
        yield f"WHOLE: {self.events} events in {self.streams} streams, {self.checkpoints} checkpoints"
        if self.last:
            yield f"covered by checkpoint {self.last['number']} of {self.last['at']}, root {self.last['root']}"
        else:
            yield "no checkpoint: that nothing was cut off at the end is not shown"
        if self.included is not None and self.included < self.events:
            yield f"events after #{self.included} are newer than the checkpoint"
        if self.signatures < self.checkpoints:
            needed = "Ed25519 needs cryptography, SM2 openssl"
            yield f"NOT CHECKED: {self.checkpoints - self.signatures} signatures ({needed})"
        elif self.key is None and self.signatures:
            yield "signatures fit the keys named in the file; give --key to trust only yours"


def ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is by this key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def sm2(public: bytes, message: bytes, signature: bytes) -> bool | None:
    """Whether the signature (SM2 with SM3) is by this key; None where no openssl here can tell."""
    if shutil.which("openssl") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        key, sealed = Path(folder, "key"), Path(folder, "signature")
        key.write_bytes(public)
        sealed.write_bytes(signature)
        words = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", str(key)]
        words += ["-sigfile", str(sealed), "-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"]
        done = subprocess.run(words, input=message, capture_output=True, check=False)
        if done.returncode == 0:
            return True
        readable = ["openssl", "pkey", "-pubin", "-inform", "DER", "-noout", "-in", str(key)]
        return False if subprocess.run(readable, capture_output=True, check=False).returncode == 0 else None


CHECKS: dict[str, Check] = {"sm2": sm2}
try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    pass
else:
    CHECKS["ed25519"] = ed25519

if __name__ == "__main__":
    sys.exit(main())
