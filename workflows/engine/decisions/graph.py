"""The requirements graph of a file and how a decision is asked in it (DMN 1.5, chapter 6).

What a decision requires is worked out when it is first read, once for each question: a required decision that no rule
looks at costs nothing and cannot fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from workflows.engine.decisions.faults import DecisionError
from workflows.engine.decisions.tables import HitPolicy, Output, Table
from workflows.engine.decisions.types import Types, canonical
from workflows.engine.expressions import PEOPLE_ZONE, Budget, ExpressionError, Run, begin_run
from workflows.engine.expressions.kinds import Closure, Procedure, adopt, plain
from workflows.engine.expressions.scopes import Scope
from workflows.engine.expressions.syntax import Literal, Node

_NO_FUNCTIONS: Mapping[str, Callable[..., Any]] = {}
_MISSING = object()
_MAX_RANKS = 40


@dataclass(frozen=True, slots=True)
class Element:
    """A thing of the graph: ``sees`` are the names it reads of others, by their ids; ``name`` is its own variable."""

    id: str
    name: str
    kind: str  # decision, input, knowledge, service
    type_name: str = ""
    logic: Node | None = None
    table: Table | None = None  # when the logic is nothing but one
    names: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    sees: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)  # output names of required tables, as vendors read them
    parameters: tuple[str, ...] = ()
    inside: ServiceParts | None = None


@dataclass(frozen=True, slots=True)
class ServiceParts:
    """What a decision service takes and gives: ids of inputs, of decisions given from outside, and of its results."""

    inputs: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Graph:
    """Everything of one file by id."""

    elements: Mapping[str, Element]
    types: Types

    def broken(self) -> dict[str, str]:
        """Say of which elements no answer can come: ``cycle``, ``deep`` or ``missing`` by id."""
        found: dict[str, str] = {}
        ranks: dict[str, int] = {}
        for start in self.elements:
            self._rank(start, ranks, found)
        return found

    def _rank(self, start: str, ranks: dict[str, int], found: dict[str, str]) -> None:
        path: list[tuple[str, Iterator[str]]] = [(start, iter(self._required(start)))] if start not in ranks else []
        on_path = {start}
        while path:
            here, left = path[-1]
            for following in left:
                if following in on_path:
                    found.update((name, "cycle") for name, _ in path[[name for name, _ in path].index(following) :])
                elif following not in self.elements:
                    found.setdefault(here, "missing")
                elif following not in ranks:
                    path.append((following, iter(self._required(following))))
                    on_path.add(following)
                    break
            else:
                path.pop()
                on_path.discard(here)
                self._settle(here, ranks, found)

    def _settle(self, here: str, ranks: dict[str, int], found: dict[str, str]) -> None:
        required = self._required(here)
        ranks[here] = 1 + max((ranks.get(name, 0) for name in required), default=0)
        if ranks[here] > _MAX_RANKS:
            found.setdefault(here, "deep")
        if any(name in found for name in required):
            found.setdefault(here, "missing")

    def _required(self, name: str) -> tuple[str, ...]:
        element = self.elements.get(name)
        if element is None:
            return ()
        inside = element.inside
        return tuple(dict.fromkeys((*element.sees.values(), *(inside.outputs if inside else ()))))

    def read_from_outside(self, name: str, attribute: str) -> frozenset[str]:
        """Give the ``names`` or ``functions`` that an element and all that it requires take from the case."""
        outside: set[str] = set()
        left, seen = [name], set()
        while left:
            here = left.pop()
            element = self.elements.get(here)
            if element is None or here in seen:
                continue
            seen.add(here)
            if element.kind != "input":
                outside |= getattr(element, attribute) - set(element.parameters)
                outside -= element.outputs.keys()
                for bound, required in element.sees.items():
                    is_input = required in self.elements and self.elements[required].kind == "input"
                    if not (is_input and attribute == "names"):
                        outside.discard(bound)
            left += self._required(here)
        return frozenset(outside)


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision or a decision service that can be asked."""

    id: str
    name: str
    graph: Graph = field(repr=False)
    names: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()

    @property
    def table(self) -> Table | None:
        return self.graph.elements[self.id].table

    @property
    def hit_policy(self) -> HitPolicy:
        return self.table.hit_policy if self.table is not None else HitPolicy.UNIQUE

    @property
    def aggregation(self) -> str:
        return self.table.aggregation if self.table is not None else ""

    @property
    def outputs(self) -> tuple[Output, ...]:
        """Give the columns of its table; a decision without one has its result only."""
        return self.table.outputs if self.table is not None else (Output(self.id, ""),)

    def evaluate(
        self,
        scope: Mapping[str, Any],
        *,
        now: datetime,
        functions: Mapping[str, Callable[..., Any]] = _NO_FUNCTIONS,
        budget: Budget = Budget(),
        zone: tzinfo = PEOPLE_ZONE,
    ) -> Any:
        """Answer as plain data, or raise ``ExpressionError``."""
        run = begin_run(now=now, functions=functions, budget=budget, zone=zone)
        try:
            return plain(_Question(self.graph, scope).ask(self.id, run), run)
        except RecursionError as error:
            raise ExpressionError("expression-too-deep", limit=budget.depth) from error


class _Question:
    """One question to a graph, with what was already worked out for it."""

    def __init__(self, graph: Graph, outer: Mapping[str, Any], known: Mapping[str, Any] | None = None) -> None:
        self.graph = graph
        self.outer = outer
        self.known: dict[str, Any] = dict(known or {})

    def ask(self, name: str, run: Run) -> Any:
        """Work out a decision, or the outputs of a service."""
        element = self.graph.elements[name]
        if element.inside is None:
            return self.value(name, run)
        return self.outputs_of(element, run)

    def outputs_of(self, service: Element, run: Run) -> Any:
        names = service.inside.outputs if service.inside is not None else ()
        results = {self.graph.elements[name].name: self.value(name, run) for name in names}
        return next(iter(results.values())) if len(results) == 1 else results

    def value(self, name: str, run: Run) -> Any:
        """Give what an element is worth to those that require it; ``_MISSING`` for an input that nobody gave."""
        if name not in self.known:
            self.known[name] = self._worked_out(self.graph.elements[name], run)
        return self.known[name]

    def _worked_out(self, element: Element, run: Run) -> Any:
        if element.kind == "input":
            return self._input(element, run)
        if element.inside is not None:
            return self._service(element, element.inside)
        logic = element.logic or Literal(0, None)
        if element.kind == "knowledge":
            return Closure(element.parameters, logic, self._scope(element, run))
        depth, run.depth = run.depth, 0  # a chain of decisions is bounded when it is read
        try:
            value = run.evaluate(logic, self._scope(element, run), run)
        except ExpressionError as error:
            raise DecisionError.at(element.id, error) from error
        finally:
            run.depth = depth
        self._check(element, value, run, "decision-result-type")
        return value

    def _input(self, element: Element, run: Run) -> Any:
        found = self.outer.get(element.name, _MISSING)
        if found is _MISSING:
            return _MISSING
        value = adopt(found, run)
        self._check(element, value, run, "decision-input-type")
        return value

    def _check(self, element: Element, value: Any, run: Run, code: str) -> None:
        if not self.graph.types.fits(value, element.type_name, run):
            told = repr(value)[:60]
            kind = canonical(element.type_name)
            raise DecisionError(code, element_id=element.id, type=kind, name=element.name, value=told)

    def _service(self, element: Element, inside: ServiceParts) -> Procedure:
        """Make a function of a service: it sees its arguments and nothing else (DMN 1.5, 10.4)."""

        def apply(run: Run, given: Mapping[str, Any]) -> Any:
            names = {self.graph.elements[name].name: name for name in inside.decisions}
            known = {names[key]: value for key, value in given.items() if key in names}
            outer = {key: value for key, value in given.items() if key not in names}
            return _Question(self.graph, outer, known).outputs_of(element, run)

        parameters = tuple(self.graph.elements[name].name for name in (*inside.inputs, *inside.decisions))
        return Procedure(element.name, parameters, apply)

    def _scope(self, element: Element, run: Run) -> Scope:
        outer = Scope(_Outputs(self, element.outputs, run)) if element.outputs else None
        layer = Scope(self.outer) if outer is None else outer.under(self.outer)
        return layer.under(_Required(self, element.sees, run))


class _Required(Mapping[str, Any]):
    """The names that an element sees of others, worked out when they are read."""

    def __init__(self, question: _Question, names: Mapping[str, str], run: Run) -> None:
        self._question = question
        self._names = names
        self._run = run

    def get(self, name: str, default: Any = None) -> Any:
        if name not in self._names:
            return default
        value = self._question.value(self._names[name], self._run)
        return default if value is _MISSING else value

    def __getitem__(self, name: str) -> Any:
        value = self.get(name, _MISSING)
        if value is _MISSING:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class _Outputs(_Required):
    """Outputs of required tables by their own names, as Camunda reads them; the case's variables come first."""

    def get(self, name: str, default: Any = None) -> Any:
        value = super().get(name, default)
        return value.get(name) if isinstance(value, Mapping) else value
