"""Where the built scripts and styles lie: Vite names files by their content and lists them in a manifest."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import url_for

BUILD = Path(__file__).parent / "static" / "build"
_ENTRIES = {"script": "src/app.ts", "style": "src/style.css"}


def asset(name: str) -> str:
    """Return the address of the built ``script`` or ``style``."""
    entry = _manifest(_stamp())[_ENTRIES[name]]
    return url_for("web.static", filename=f"build/{entry['file']}")


def _stamp() -> float:
    return (BUILD / "manifest.json").stat().st_mtime


@cache
def _manifest(_stamp: float) -> dict[str, dict[str, Any]]:
    content: dict[str, dict[str, Any]] = json.loads((BUILD / "manifest.json").read_text(encoding="utf-8"))
    return content
