"""Settings: one frozen record, read once from ``ZECHENG_*``. An unknown name stops the start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

PREFIX = "ZECHENG_"


class SettingsError(Exception):
    """A setting is unknown or has a wrong value; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every field may be set as ``ZECHENG_<NAME>``."""

    var: Path = Path("var")  # where the database, files and keys live by default
    law: Path = Path("bpmn")  # what is deployed at the first start
    database_url: str = ""  # empty: SQLite in ``var``
    host: str = "127.0.0.1"
    port: int = 8000
    threads: int = 8
    secret_key: str = ""  # empty: made once and kept in ``var``
    demo_password: str = ""  # empty: made once and kept in ``var``
    session_hours: int = 10
    session_limit: int = 5  # parallel logins of one person
    token_days: int = 90
    login_attempts: int = 5
    lock_minutes: int = 15
    password_length: int = 10  # shortest password that a person may choose
    password_memory_kib: int = 19456  # argon2id: 19 MiB, two passes, one lane (OWASP's first choice)
    password_passes: int = 2
    password_lanes: int = 1
    most_call_depth: int = 20  # cases that call one another in a chain
    most_family_cases: int = 25_000  # cases that hang on one root
    most_signal_cases: int = 10_000  # that one signal reaches
    most_signal_chain: int = 20  # cases that answer one another before a person acts
    confirm_minutes: int = 10  # how fresh the password must be for a signature
    attachment_bytes: int = 20 * 1024 * 1024
    attachment_types: str = "pdf,doc,docx,xls,xlsx,ppt,pptx,txt,csv,jpg,jpeg,png,zip,ofd,wps,et"
    scheduler: str = "embedded"  # embedded | none
    scheduler_seconds: int = 5
    mail_host: str = ""  # empty: no mail leaves, in-app notices only
    mail_port: int = 25
    mail_from: str = "zecheng@localhost"
    digest_hour: int = 8
    checkpoint_minutes: int = 30
    ledger_key: str = "ed25519"  # ed25519 | sm2: what signs checkpoints; sm2 needs the command openssl
    secure_cookies: bool = False  # set behind HTTPS

    @property
    def url(self) -> str:
        """Return the database address, SQLite in ``var`` unless another is set."""
        return self.database_url or f"sqlite:///{(self.var / 'zecheng.db').absolute()}"

    @property
    def files(self) -> Path:
        """Return where attachments live, by digest."""
        return self.var / "files"


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings, or raise ``SettingsError`` naming the variable that is unknown or wrong."""
    environment = os.environ if environment is None else environment
    kinds = {field.name: field.type for field in fields(Settings)}
    values: dict[str, object] = {}
    for variable, text in environment.items():
        if not variable.startswith(PREFIX):
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name not in kinds:
            message = f"Expected a known setting, but {variable} is not one."
            raise SettingsError(message)
        values[name] = _convert(variable, text, str(kinds[name]))
    return Settings(**values)  # type: ignore[arg-type]


def _convert(variable: str, text: str, kind: str) -> object:
    if kind == "Path":
        return Path(text)
    if kind == "bool":
        if text.lower() not in {"0", "1", "true", "false"}:
            message = f"Expected {variable} to be true or false, but it is {text!r}."
            raise SettingsError(message)
        return text.lower() in {"1", "true"}
    if kind == "int":
        if not text.isdecimal():
            message = f"Expected {variable} to be a whole number, but it is {text!r}."
            raise SettingsError(message)
        return int(text)
    return text
