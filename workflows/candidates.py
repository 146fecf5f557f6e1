"""Who may do a step: candidate expressions of ``zc:owner``, read at upload and resolved when a task opens.

    owner       = alternative *( "|" alternative )
    alternative = ( "post" | "role" | "person" | "var" | "seat" ) ":" value [ "@" reference ]
    reference   = step *( "." step )
    step        = "unit" | "item" | "unit(" variable ")" | relation          the first three only at the beginning
    relation    = "parent" | a relation of bpmn/organisation.yaml

``post`` and ``role`` take a reference (``unit``, the unit of the case, when none is written); ``person`` names a
person by code; ``var`` names a variable that holds a further expression, which may not use ``var`` again. ``seat``
(``seat:post/person@unit``) is one holder of a post: that person while they hold it, then whoever took the post over.

An empty result is an incident for the caller to open; nothing here ever passes a step on its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from workflows.errors import RejectedError
from workflows.organisation import Organisation, load_organisation
from workflows.relations import PARENT, find_related
from workflows.store import Store, people
from workflows.store.marks import era
from workflows.tables import Classification, PersonStatus, Post, Role, Unit

MAX_LENGTH = 300
KINDS = ("post", "role", "person", "var", "seat")
_VALUE = re.compile(r"[^\s@|:()]+")
_STEP = re.compile(r"(?P<name>[^\W\d]\w*)(?:\(\s*(?P<variable>[^\W\d]\w*)\s*\))?")
_FIRST_ONLY = {"unit", "item"}


class OwnerSyntaxError(RejectedError):
    """A candidate expression is not of the form above. ``code`` tells what is wrong, ``params["part"]`` where."""

    code = "owner-syntax"


@dataclass(frozen=True, slots=True)
class Reference:
    """A walk over the unit tree. ``start`` is ``unit``, ``item`` or ``unit(…)`` with the name of ``variable``."""

    start: str = "unit"
    variable: str | None = None
    relations: tuple[str, ...] = ()

    def __str__(self) -> str:
        start = f"unit({self.variable})" if self.variable else self.start
        return ".".join((start, *self.relations))


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of the ways to be a candidate."""

    kind: str
    value: str
    reference: Reference | None = None

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}" + (f"@{self.reference}" if self.reference else "")


@dataclass(frozen=True, slots=True)
class Owner:
    """A candidate expression that was read."""

    text: str
    alternatives: tuple[Alternative, ...]

    @property
    def variables(self) -> frozenset[str]:
        """Return the names of the variables that the expression reads."""
        written = {each.value for each in self.alternatives if each.kind == "var"}
        named = {each.reference.variable for each in self.alternatives if each.reference and each.reference.variable}
        return frozenset(written | named)


@dataclass(frozen=True, slots=True)
class Gap:
    """Why an alternative found nobody; ``code`` is one of ``no-…`` below, ``alternative`` as written."""

    code: str
    alternative: str


@dataclass(frozen=True, slots=True)
class Candidates:
    """The posts (with their units) and persons that may claim a task.

    ``able`` are the people who could do so today: active, cleared, holding a post or standing in. A post without
    anybody stays listed, so that the task is found once it is filled, but alone it is an empty result. ``seats`` tells
    which of ``persons`` are named by a post, and by which.
    """

    posts: tuple[tuple[str, str], ...] = ()
    persons: tuple[str, ...] = ()
    seats: Mapping[str, str] = field(default_factory=dict)
    able: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nobody could claim the task today: the caller opens an incident."""
        return not self.able


# ------------------------------------------------------------------ reading


def parse_owner(text: str, organisation: Organisation | None = None) -> Owner:
    """Read a candidate expression, or raise ``OwnerSyntaxError``. With ``organisation``, its words are checked too."""
    owner = _read_owner(text)
    if organisation is not None:
        for alternative in owner.alternatives:
            _check_words(alternative, organisation)
    return owner


@lru_cache(maxsize=2048)
def _read_owner(text: str) -> Owner:
    if not text.strip():
        raise OwnerSyntaxError("Expected a candidate expression, but it is empty.", code="owner-empty", part=text)
    if len(text) > MAX_LENGTH:
        message = f"Expected at most {MAX_LENGTH} characters, but there are {len(text)}."
        raise OwnerSyntaxError(message, code="owner-too-long", part=text[:40])
    return Owner(text, tuple(_alternative(part.strip()) for part in text.split("|")))


def _alternative(part: str) -> Alternative:
    kind, colon, rest = part.partition(":")
    kind, rest = kind.strip(), rest.strip()
    if not colon or kind not in KINDS:
        message = f"Expected {part!r} to begin with one of {', '.join(KINDS)} and a colon."
        raise OwnerSyntaxError(message, code="owner-unknown-kind", part=part)
    value, at, walk = (piece.strip() for piece in rest.partition("@"))
    if not _VALUE.fullmatch(value):
        raise OwnerSyntaxError(f"Expected {part!r} to name one thing after the colon.", code="owner-value", part=part)
    if kind == "seat" and not all(value.partition("/")[::2]):
        raise OwnerSyntaxError(f"Expected {part!r} to name a post and a person.", code="owner-value", part=part)
    if kind in {"person", "var"}:
        if at:
            message = f"Expected {kind}:{value} without @: it names no unit."
            raise OwnerSyntaxError(message, code="owner-unexpected-reference", part=part)
        return Alternative(kind, value)
    if kind == "role" and value not in set(Role):
        message = f"Expected {value} to be one of the roles {', '.join(Role)}."
        raise OwnerSyntaxError(message, code="owner-unknown-role", part=part)
    return Alternative(kind, value, _reference(walk, part) if at else Reference())


def _reference(walk: str, part: str) -> Reference:
    steps = [_STEP.fullmatch(step.strip()) for step in walk.split(".")]
    read = [(step["name"], step["variable"]) for step in steps if step is not None]
    if len(read) != len(steps):
        message = f"Expected {walk!r} to be names joined by dots."
        raise OwnerSyntaxError(message, code="owner-reference", part=part)
    for position, (name, variable) in enumerate(read):
        if variable is not None and name != "unit":
            message = f"Expected only unit(…) to take a variable, but {name} does."
            raise OwnerSyntaxError(message, code="owner-reference", part=part)
        if position and name in _FIRST_ONLY:
            message = f"Expected {name} only at the beginning of {walk!r}."
            raise OwnerSyntaxError(message, code="owner-reference", part=part)
    (start, variable), *more = read if read[0][0] in _FIRST_ONLY else [("unit", None), *read]
    return Reference(start, variable, tuple(name for name, _ in more))


def _check_words(alternative: Alternative, organisation: Organisation) -> None:
    part = str(alternative)
    key = alternative.value.partition("/")[0]
    if alternative.kind in {"post", "seat"} and not organisation.knows_post(key):
        message = f"Expected {key} to be a post key of organisation.yaml."
        raise OwnerSyntaxError(message, code="owner-unknown-post", part=part)
    for relation in alternative.reference.relations if alternative.reference else ():
        if relation != PARENT and relation not in organisation.relations:
            message = f"Expected {relation} to be parent or a relation of organisation.yaml."
            raise OwnerSyntaxError(message, code="owner-unknown-relation", part=part)


# ------------------------------------------------------------------ resolving


def resolve_owner(
    store: Store,
    owner: Owner,
    *,
    unit_id: str,
    variables: Mapping[str, Any],
    item: object = None,
    classification: str = Classification.INTERNAL,
    recused: Collection[str] = (),
    taken: Callable[[], Collection[str]] = frozenset,
) -> Candidates:
    """Find who may do a step of a case of ``unit_id`` today.

    ``item`` is the unit code of a multi-instance item; people without clearance for ``classification`` and those who
    are ``recused`` (ids) do not count as able. A fault in the data (unknown unit, variable without an expression) is a
    gap in the result, never raised. ``taken`` tells who has a seat of the same step: nobody takes over a second one.
    """

    def search() -> Candidates:
        found = _Search(store, load_organisation(store.application.settings.law), unit_id, variables, item, taken)
        for alternative in owner.alternatives:
            found.follow(alternative)
        return found.result(classification, recused)

    inputs = _inputs(owner, variables, item)
    if inputs is None:
        return search()
    # who answers to a post changes with nothing else
    mark = ("owner", era(store), owner, unit_id, classification, frozenset(recused), inputs)
    return store.application.law.kept(mark, search)


def _inputs(owner: Owner, variables: Mapping[str, Any], item: object) -> tuple[tuple[str, str | None], ...] | None:
    """Return the values that the answer rests on besides the organisation; None when it rests on more than texts.

    Who has a seat depends on who sits on the others of its step.
    """
    names = set(owner.variables)
    for each in owner.alternatives:
        text = variables.get(each.value) if each.kind == "var" else None
        if isinstance(text, str):
            try:
                inner = parse_owner(text)
            except OwnerSyntaxError:
                continue
            names |= inner.variables
            if any(alternative.kind == "seat" for alternative in inner.alternatives):
                return None
    values = [("", item), *((name, variables.get(name)) for name in sorted(names))]
    known = tuple((name, value) for name, value in values if value is None or isinstance(value, str))
    if len(known) < len(values) or any(each.kind == "seat" for each in owner.alternatives):
        return None
    return known


class _Search:
    """One resolution: what was found so far."""

    def __init__(
        self,
        store: Store,
        organisation: Organisation,
        unit_id: str,
        variables: Mapping[str, Any],
        item: object,
        taken: Callable[[], Collection[str]],
    ) -> None:
        self._store = store
        self._organisation = organisation
        self._unit = store.need(Unit, unit_id)
        self._variables = variables
        self._item = item
        self._taken = taken
        self._seats: dict[str, str] = {}
        self._posts: dict[str, Post] = {}
        self._persons: dict[str, None] = {}
        self._gaps: list[Gap] = []

    def follow(self, alternative: Alternative) -> None:
        """Add what one alternative finds, or the gap it leaves."""
        if alternative.kind == "var":
            self._follow_variable(alternative)
        elif alternative.kind == "person":
            self._add_person(alternative)
        else:
            unit = self._find_unit(alternative.reference or Reference())
            if unit is None:
                self._miss("no-unit", alternative)
            elif alternative.kind == "post":
                self._add_post(alternative, unit)
            elif alternative.kind == "seat":
                self._add_seat(alternative, unit)
            else:
                self._add_role(alternative, unit)

    def result(self, classification: str, recused: Collection[str]) -> Candidates:
        """Return what was found, with the people who could claim it today. A party is never named in person."""
        able = people.holders(self._store, tuple(self._posts)) if self._posts else []
        able += people.people(self._store, tuple(self._persons)) if self._persons else []
        cleared = set(people.cleared_for(classification))
        active = [person for person in able if person.status == PersonStatus.ACTIVE]
        cleared_ones = [person for person in active if person.clearance in cleared]
        fit = {person.id: None for person in cleared_ones if person.id not in recused}
        reason = "recused" if cleared_ones else "no-clearance" if active else "no-holder"
        lacking = () if fit else tuple(Gap(reason, post.key) for post in self._posts.values())
        return Candidates(
            posts=tuple((post.id, post.unit_id) for post in self._posts.values()),
            persons=tuple(person_id for person_id in self._persons if person_id not in recused),
            seats=self._seats,
            able=tuple(fit),
            gaps=(*self._gaps, *lacking),
        )

    def _miss(self, code: str, alternative: Alternative) -> None:
        self._gaps.append(Gap(code, str(alternative)))

    def _follow_variable(self, alternative: Alternative) -> None:
        text = self._variables.get(alternative.value)
        try:
            owner = parse_owner(text) if isinstance(text, str) else None
        except OwnerSyntaxError:
            owner = None
        if owner is None or any(each.kind == "var" for each in owner.alternatives):
            self._miss("no-expression-in-variable", alternative)
            return
        for each in owner.alternatives:
            self.follow(each)

    def _add_person(self, alternative: Alternative) -> None:
        person = people.find_person(self._store, alternative.value)
        if person is None or person.status != PersonStatus.ACTIVE:
            self._miss("no-person", alternative)
        else:
            self._persons[person.id] = None

    def _add_post(self, alternative: Alternative, unit: Unit) -> None:
        key = self._organisation.post_key(alternative.value, unit.kind)
        post = people.find_post(self._store, unit.id, key)
        if post is None:
            self._miss("no-post", alternative)
        else:
            self._posts[post.id] = post

    def _add_seat(self, alternative: Alternative, unit: Unit) -> None:
        """Add whoever sits on a seat: the person it was given to, else the newest holder without one, else the post."""
        key, _, code = alternative.value.partition("/")
        post = people.find_post(self._store, unit.id, self._organisation.post_key(key, unit.kind))
        if post is None:
            self._miss("no-post", alternative)
            return
        holders = people.newest_holders(self._store, post.id)
        taken = self._taken() if all(person.code != code for person in holders) else ()
        sits = next((person for person in holders if person.code == code), None)
        heir = sits or next((person for person in holders if person.id not in taken), None)
        if heir is None:
            self._posts[post.id] = post
        else:
            self._persons[heir.id], self._seats[heir.id] = None, post.id

    def _add_role(self, alternative: Alternative, unit: Unit) -> None:
        granted = people.nearest_granted(self._store, alternative.value, unit)
        if not granted:
            self._miss("no-grant", alternative)
        self._persons.update(dict.fromkeys(people.ids(granted)))

    def _find_unit(self, reference: Reference) -> Unit | None:
        unit = self._start(reference)
        for relation in reference.relations:
            if unit is None:
                return None
            unit = find_related(self._store, unit, relation)
        return unit

    def _start(self, reference: Reference) -> Unit | None:
        if reference.start == "item":
            code = self._item
        elif reference.variable is not None:
            code = self._variables.get(reference.variable)
        else:
            return self._unit
        return people.find_unit(self._store, code) if isinstance(code, str) else None
