"""Load the demo city into an empty database: units, posts, 400 people, roles and accounts, in well under a second.

The generated accounts share one password hash: hashing 400 times would take a minute and prove nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from workflows.access import system_actor
from workflows.clock import SHANGHAI
from workflows.demo.city_plan import CityError, CityPlan, UnitPlan, plan_city
from workflows.ledger import record
from workflows.organisation import Organisation, load_organisation
from workflows.passwords import hash_password
from workflows.store import Store, people
from workflows.store.bulk import insert_rows
from workflows.tables import (
    Classification,
    Holding,
    Person,
    PersonStatus,
    Post,
    RoleGrant,
    Unit,
    UnitRelation,
    new_id,
)

FILE = "demo/city.yaml"


@dataclass(frozen=True, slots=True)
class LoadedCity:
    """What stands in the database. ``is_new`` is False when it stood there before."""

    is_new: bool
    root: str
    units: int
    people: int
    accounts: tuple[str, ...]


def load_city(store: Store, *, password: str, units: int | None = None, year: int | None = None) -> LoadedCity:
    """Write the demo city unless its root unit exists. ``year`` (this one) is when holders change at mid-year."""
    settings = store.application.settings
    content = yaml.safe_load((settings.law / FILE).read_text(encoding="utf-8"))
    plan = plan_city(content, year=year or store.now.astimezone(SHANGHAI).year, units=units)
    root = next(iter(plan.units))
    is_new = people.find_unit(store, root) is None
    if is_new:
        hashed = hash_password(settings, password)
        _Writer(store, plan, load_organisation(settings.law), content["mail_domain"]).write(hashed)
        told = {"city": content["name"], "units": len(plan.units), "people": len(plan.people)}
        record(store, "people", "city-loaded", told, actor=system_actor("demo"))
    return LoadedCity(is_new, root, len(plan.units), len(plan.people), tuple(content["accounts"]))


class _Writer:
    """Turns a plan into rows; ids are given here, so that nothing is read back."""

    def __init__(self, store: Store, plan: CityPlan, organisation: Organisation, mail_domain: str) -> None:
        self._store = store
        self._plan = plan
        self._organisation = organisation
        self._mail_domain = mail_domain
        self._units = {code: new_id() for code in plan.units}
        self._posts = {(post.unit, post.key): new_id() for post in plan.posts}
        self._people = {person.code: new_id() for person in plan.people}

    def write(self, password_hash: str) -> None:
        """Insert every row of the plan, each table at once."""
        insert_rows(self._store, Unit, [self._unit(unit) for unit in self._plan.units.values()])
        insert_rows(self._store, UnitRelation, self._relations())
        insert_rows(self._store, Post, self._post_rows())
        insert_rows(self._store, Person, self._person_rows(password_hash))
        insert_rows(self._store, Holding, self._holding_rows())
        insert_rows(self._store, RoleGrant, self._grant_rows())

    def _unit(self, unit: UnitPlan) -> dict[str, Any]:
        return {
            "id": self._units[unit.code],
            "code": unit.code,
            "name": unit.name,
            "short_name": unit.short_name,
            "kind": unit.kind,
            "level": unit.level,
            "parent_id": self._units[unit.parent] if unit.parent else None,
            "path": unit.path,
            "region": unit.region,
            "sort": unit.sort,
        }

    def _relations(self) -> list[dict[str, Any]]:
        return [
            {"unit_id": self._units[unit.code], "relation": relation, "target_id": self._units[target]}
            for unit in self._plan.units.values()
            for relation, target in unit.relations.items()
        ]

    def _post_rows(self) -> list[dict[str, Any]]:
        return [
            {
                "id": self._posts[post.unit, post.key],
                "unit_id": self._units[post.unit],
                "key": post.key,
                "name": post.name,
                "sort": post.sort,
            }
            for post in self._plan.posts
        ]

    def _person_rows(self, password_hash: str) -> list[dict[str, Any]]:
        return [
            {
                "id": self._people[person.code],
                "code": person.code,
                "username": person.username,
                "name": person.name,
                "password_hash": password_hash,
                "email": f"{person.username}@{self._mail_domain}",
                "clearance": Classification.CONFIDENTIAL if person.confidential else Classification.INTERNAL,
                "status": PersonStatus.ACTIVE,
            }
            for person in self._plan.people
        ]

    def _holding_rows(self) -> list[dict[str, Any]]:
        return [
            {
                "id": new_id(),
                "post_id": self._posts[held.unit, held.post],
                "person_id": self._people[held.person],
                "from_day": held.from_day,
                "to_day": held.to_day,
            }
            for held in self._plan.holdings
        ]

    def _grant_rows(self) -> list[dict[str, Any]]:
        rows: dict[tuple[Any, ...], dict[str, Any]] = {}
        for grant in self._plan.grants:
            row = {
                "person_id": self._people[grant.person],
                "role": grant.role,
                "unit_id": self._units[self._scope(grant.scope, grant.unit)],
                "from_day": grant.from_day,
            }
            rows.setdefault(tuple(row.values()), {"id": new_id(), **row, "to_day": grant.to_day})
        return list(rows.values())  # two posts of one person may bring the same role

    def _scope(self, scope: str, code: str) -> str:
        """Return the unit over whose subtree a role holds: the unit, the city's root, or the scope of the unit."""
        unit: UnitPlan | None = self._plan.units[code]
        if scope == "unit":
            return code
        if scope == "root":
            return next(iter(self._plan.units))
        if scope != "scope":
            raise CityError(f"Expected a grant over unit, scope or root, but {code} says {scope}.")
        while unit is not None and unit.kind not in self._organisation.scopes:
            unit = self._plan.units[unit.parent] if unit.parent else None
        return unit.code if unit else code
