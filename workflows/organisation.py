"""How an organisation names its units and posts to one another: ``bpmn/organisation.yaml`` as plain data.

A relation ("the committee one level up") is a walk over the unit tree told by kinds of units, so that no name of a
unit and no level of a city stands in code. What a single unit agrees otherwise is a row of ``unit_relation``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from workflows.tables import TwoPersonAct

FILE = "organisation.yaml"
_FIELDS = {"scopes", "relations", "posts", "aliases", "two_persons"}
_RELATION_FIELDS = {"label", "up", "take", "kinds"}


class OrganisationError(Exception):
    """``organisation.yaml`` is not as described there; the message names the field."""


@dataclass(frozen=True, slots=True)
class Relation:
    """``up`` scopes above the own one; ``kinds`` empty: that scope itself, else its first child of these kinds."""

    name: str
    label: str
    up: int
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Organisation:
    """The words that candidate expressions may use."""

    scopes: frozenset[str]
    relations: Mapping[str, Relation]
    posts: Mapping[str, str]
    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    two_persons: frozenset[TwoPersonAct] = frozenset()

    def knows_post(self, key: str) -> bool:
        """Whether ``key`` is a post key or stands for one."""
        return key in self.posts or key in self.aliases

    def post_key(self, key: str, unit_kind: str) -> str:
        """Return the key of the post that ``key`` means at units of this kind."""
        return self.aliases.get(key, {}).get(unit_kind, key)


def load_organisation(law: Path) -> Organisation:
    """Return the organisation under the folder ``law``, read once a process; or raise ``OrganisationError``."""
    return _read((law / FILE).absolute())


@lru_cache(maxsize=8)
def _read(path: Path) -> Organisation:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise OrganisationError(f"Expected {path} to be a YAML file, but {fault}.") from fault
    return parse_organisation(content)


def parse_organisation(content: Any) -> Organisation:
    """Turn the content of the file into an ``Organisation``, or raise ``OrganisationError``."""
    if not isinstance(content, dict) or set(content) != _FIELDS:
        raise OrganisationError(f"Expected exactly the fields {', '.join(sorted(_FIELDS))}.")
    posts = {str(key): str(label) for key, label in _mapping(content, "posts").items()}
    aliases = {
        str(key): {str(kind): str(post) for kind, post in _mapping(content["aliases"], key).items()}
        for key in _mapping(content, "aliases")
    }
    for key, meanings in aliases.items():
        for post in meanings.values():
            if post not in posts:
                raise OrganisationError(f"Expected aliases.{key} to mean a post, but {post} is none.")
    relations = {str(name): _relation(str(name), told) for name, told in _mapping(content, "relations").items()}
    scopes = frozenset(_texts(content["scopes"], "scopes"))
    return Organisation(scopes, relations, posts, aliases, _two_persons(content["two_persons"]))


def _two_persons(found: Any) -> frozenset[TwoPersonAct]:
    try:
        return frozenset(TwoPersonAct(act) for act in _texts(found, "two_persons"))
    except ValueError as fault:
        known = ", ".join(TwoPersonAct)
        raise OrganisationError(f"Expected two_persons to name only {known}, but {fault}.") from fault


def _relation(name: str, told: Any) -> Relation:
    if not isinstance(told, dict) or not set(told) <= _RELATION_FIELDS:
        raise OrganisationError(f"Expected relations.{name} to have only {', '.join(sorted(_RELATION_FIELDS))}.")
    up, take = told.get("up"), told.get("take")
    if not isinstance(up, int) or up < 0:
        raise OrganisationError(f"Expected relations.{name}.up to be a whole number from 0, but it is {up!r}.")
    if take not in {"scope", "child"} or (take == "child") != bool(told.get("kinds")):
        raise OrganisationError(f"Expected relations.{name}.take to be scope, or child with kinds.")
    kinds = _texts(told.get("kinds", []), f"relations.{name}.kinds")
    return Relation(name, str(told.get("label", name)), up, kinds)


def _mapping(content: Any, name: str) -> dict[Any, Any]:
    found = content[name]
    if not isinstance(found, dict):
        raise OrganisationError(f"Expected {name} to be a mapping, but it is {found!r}.")
    return found


def _texts(found: Any, name: str) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise OrganisationError(f"Expected {name} to be a list of texts, but it is {found!r}.")
    return tuple(found)
