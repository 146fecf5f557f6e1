"""Fetch what the product needs. Runs on the standard library of any python3 >= 3.11; called by the Makefile.

``packages``  a virtual environment in ``.venv/`` with the pinned requirements; Debian splits ``ensurepip`` off
              from python3, so three ways to get one are tried.
``system``    what PyPI cannot give to the browser tests: Chromium, its Chinese texts and a Chinese font. As root on
              Debian they are installed; otherwise the command for it is said loudly, and those tests will fail.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main() -> int:
    """Do the step that the command line names."""
    step = sys.argv[1] if len(sys.argv) > 1 else "packages"
    if step == "packages":
        return install_packages()
    if step == "system":
        return install_system()
    print(f"Expected a step 'packages' or 'system', but got {step!r}.")
    return 2


def install_packages() -> int:
    """Make the environment when there is none that works, and install the pinned packages into it."""
    if sys.version_info < OLDEST:
        print(f"Expected Python 3.11 or newer, but {sys.executable} is {sys.version.split()[0]}.")
        print("Name a newer one: make setup PYTHON=python3.12")
        return 1
    if not works(PYTHON) and not make_environment():
        print("Expected to make a virtual environment, but this python3 has neither ensurepip, virtualenv nor pip.")
        print("Install one of them and repeat, on Debian: sudo apt-get install python3-venv")
        return 1
    print("Installing the pinned packages into .venv ...", flush=True)
    install = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    return subprocess.run([*install, "-r", str(ROOT / "requirements-dev.txt")], check=False).returncode


def works(python: Path) -> bool:
    """Tell whether the environment can install packages (a moved checkout or an interrupted set-up cannot)."""
    if not python.exists():
        return False
    return subprocess.run([str(python), "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def make_environment() -> bool:
    """Try venv, then virtualenv (installed or borrowed from PyPI), then Debian's python3-venv."""
    print(f"Making .venv with Python {sys.version.split()[0]} ...", flush=True)
    return any(attempt() and works(PYTHON) for attempt in (with_venv, with_virtualenv, with_borrowed, with_debian))


def with_venv() -> bool:
    """Use the standard library."""
    return quiet([sys.executable, "-m", "venv", "--clear", str(VENV)])


def with_virtualenv() -> bool:
    """Use a virtualenv that is already installed."""
    return quiet([sys.executable, "-m", "virtualenv", "--clear", str(VENV)])


def with_borrowed() -> bool:
    """Use pip, without touching the system's packages, to fetch virtualenv for this one call."""
    with tempfile.TemporaryDirectory() as folder:
        if not quiet([sys.executable, "-m", "pip", "install", "--target", folder, "virtualenv"]):
            return False
        return quiet([sys.executable, "-m", "virtualenv", "--clear", str(VENV)], PYTHONPATH=folder)


def with_debian() -> bool:
    """As root on Debian, install the part of python3 that Debian packs apart, and begin again."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return apt_install([f"python{version}-venv"]) and with_venv()


def install_system() -> int:
    """Install the browser and a Chinese font when one is missing and this user may."""
    missing = missing_for_browser_tests()
    if not missing:
        return 0
    print(f"Installing {', '.join(missing)} for the browser tests ...", flush=True)
    if apt_install(missing) and not missing_for_browser_tests():
        return 0
    line = "!" * 100
    print(f"{line}\nThe browser tests need {', '.join(missing)} and WILL FAIL without, not be skipped. Install by:")
    print(f"    sudo apt-get install {' '.join(missing)}\n{line}", flush=True)
    return 0


def missing_for_browser_tests() -> list[str]:
    """List the Debian packages whose work nothing on this machine does."""
    missing = []
    if not any(shutil.which(name) for name in BROWSERS):
        missing += ["chromium", "chromium-l10n"]
    elif shutil.which("chromium") and shutil.which("dpkg") and not quiet(["dpkg", "-s", "chromium-l10n"]):
        missing += ["chromium-l10n"]
    fonts = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False).stdout if has_fc_list() else b""
    if not fonts.strip():
        missing += ["fonts-noto-cjk"]
    return missing


def has_fc_list() -> bool:
    """Tell whether fontconfig can be asked for fonts; Chromium's package brings it."""
    return shutil.which("fc-list") is not None


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages; false when this is no Debian, this user is not root, or they cannot be had."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return False
    command = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages]
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    return quiet(command, **environment) or (quiet(["apt-get", "update"]) and loud(command, **environment))


def quiet(command: list[str], **environment: str) -> bool:
    """Run a command that may fail, in silence."""
    try:
        done = subprocess.run(command, capture_output=True, env=os.environ | environment, check=False)
    except FileNotFoundError:
        return False
    return done.returncode == 0


def loud(command: list[str], **environment: str) -> bool:
    """Run a command whose complaint should be read."""
    return subprocess.run(command, env=os.environ | environment, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
