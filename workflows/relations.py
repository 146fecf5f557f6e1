"""What a unit means by "my committee" or "the discipline committee one level up": relations over the unit tree.

A unit's own agreement (``unit_relation``) comes first, then the rule of ``bpmn/organisation.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workflows.organisation import Organisation, Relation, load_organisation
from workflows.store import Store, people
from workflows.tables import Unit

PARENT = "parent"


def find_related(store: Store, unit: Unit, relation: str) -> Unit | None:
    """Return the unit that ``unit`` means by ``relation``, or None when it has none."""
    agreed = people.agreed_relations(store, unit.id).get(relation)
    if agreed is not None:
        return agreed
    if relation == PARENT:
        return None if unit.parent_id is None else store.need(Unit, unit.parent_id)
    organisation = load_organisation(store.application.settings.law)
    rule = organisation.relations.get(relation)
    return None if rule is None else _by_rule(store, organisation, unit, [rule])[rule.name]


def relations_of(store: Store, unit: Unit) -> dict[str, str | None]:
    """Return the code of the unit behind every relation of ``unit``: what expressions read as ``unit.committee``."""
    organisation = load_organisation(store.application.settings.law)
    found = _by_rule(store, organisation, unit, organisation.relations.values())
    found.update(people.agreed_relations(store, unit.id))
    return {name: None if related is None else related.code for name, related in found.items()}


def _by_rule(store: Store, organisation: Organisation, unit: Unit, rules: Iterable[Relation]) -> dict[str, Unit | None]:
    chain = (unit, *people.ancestors(store, unit))
    scopes = [each for each in chain if each.kind in organisation.scopes]
    offspring = people.children(store, [scope.id for scope in scopes])
    return {rule.name: _walk(rule, scopes, offspring) for rule in rules}


def _walk(rule: Relation, scopes: Sequence[Unit], offspring: Sequence[Unit]) -> Unit | None:
    if len(scopes) <= rule.up:
        return None
    scope = scopes[rule.up]
    if not rule.kinds:
        return scope
    below = [unit for unit in offspring if unit.parent_id == scope.id and unit.kind in rule.kinds]
    return min(below, key=lambda unit: rule.kinds.index(unit.kind), default=None)
