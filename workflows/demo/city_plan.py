"""The demo city as a plan: ``bpmn/demo/city.yaml`` turned into units, posts, people and who holds what when.

Pure and deterministic: the same file, year and number of units give the same plan. No name stands in this code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice, product
from random import Random
from typing import Any


class CityError(Exception):
    """The city's file contradicts itself; the message names the unit or post."""


@dataclass(frozen=True)
class UnitPlan:
    code: str
    parent: str | None
    kind: str
    level: str
    name: str
    short_name: str
    path: str
    sort: int
    region: str | None = None
    relations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PostPlan:
    unit: str
    key: str
    name: str
    sort: int
    holders: int


@dataclass
class PersonPlan:
    code: str
    username: str
    name: str
    confidential: bool = False


@dataclass
class HoldingPlan:
    unit: str
    post: str
    person: str
    from_day: date
    to_day: date | None = None


@dataclass(frozen=True)
class GrantPlan:
    person: str
    role: str
    scope: str  # ``unit``, ``scope`` or ``root``, seen from ``unit``
    unit: str
    from_day: date
    to_day: date | None


@dataclass
class CityPlan:
    """Everything to be written, in the order in which rows may refer to one another."""

    units: dict[str, UnitPlan]
    posts: list[PostPlan]
    people: list[PersonPlan]
    holdings: list[HoldingPlan]
    grants: list[GrantPlan]


def plan_city(content: Mapping[str, Any], *, year: int, units: int | None = None) -> CityPlan:
    """Plan the city as it is in ``year``; ``units`` makes it grow by towns and villages to at least that many."""
    chance = Random(content["seed"])  # noqa: S311 - a repeatable city, no secret
    planned = _plan_units(content, units or 0)
    posts = [post for unit in planned.values() for post in _plan_posts(content, unit)]
    seats = [(post.unit, post.key) for post in posts for _ in range(post.holders)]
    reserve = content["mid_year"]["departures"]
    people = _plan_people(content, chance, max(content["people"], len(seats) + reserve))
    spare = _spare_seats(posts, len(people) - len(seats) - reserve)
    holdings = [
        HoldingPlan(unit, key, person.code, content["since"])
        for (unit, key), person in zip([*seats, *spare], people, strict=False)
    ]
    newcomers = [person.code for person in people[len(holdings) :]]
    named = _name_accounts(content, people, holdings)
    holdings += _change_mid_year(content, chance, year, holdings, newcomers=newcomers, fixed=named)
    _clear_people(content, planned, people, holdings)
    return CityPlan(planned, posts, people, holdings, list(_plan_grants(content, planned, holdings)))


# ------------------------------------------------------------------ units and posts


def _plan_units(content: Mapping[str, Any], at_least: int) -> dict[str, UnitPlan]:
    planned: dict[str, UnitPlan] = {}
    for told in content["units"]:
        _add_unit(planned, told, told.get("in"))
    for parent, place, number in islice(_growing_towns(content), max(0, at_least)):
        if len(planned) >= at_least:
            break
        town = f"{parent}-n{number}"
        for told in content["growth"]["town"]:
            is_town = not told["code"]
            named = {
                **told,
                "code": town if is_town else f"{town}-{told['code']}",
                "name": told["name"].format(place=place),
                "short_name": told["short_name"].format(place=place),
                "relations": {name: f"{town}-{code}" for name, code in told.get("relations", {}).items()},
            }
            _add_unit(planned, named, parent if is_town else town)
    return planned


def _growing_towns(content: Mapping[str, Any]) -> Iterator[tuple[str, str, int]]:
    growth = content["growth"]
    places = [first + second for second, first in product(growth["second"].split(), growth["first"].split())]
    for number, place in enumerate(places):
        yield growth["under"][number % len(growth["under"])], place, number + 1
    raise CityError(f"Expected at most {len(places)} towns more, but the city should grow beyond.")


def _add_unit(planned: dict[str, UnitPlan], told: Mapping[str, Any], parent: str | None) -> None:
    code = told["code"]
    if code in planned or (parent is not None and parent not in planned):
        raise CityError(f"Expected unit {code} once and after its parent {parent}.")
    above = planned[parent].path if parent else "/"
    planned[code] = UnitPlan(
        code=code,
        parent=parent,
        kind=told["kind"],
        level=told["level"],
        name=told["name"],
        short_name=told["short_name"],
        path=f"{above}{code}/",
        sort=len(planned),
        region=told.get("region"),
        relations=told.get("relations", {}),
    )


def _plan_posts(content: Mapping[str, Any], unit: UnitPlan) -> Iterator[PostPlan]:
    told = {**_for_unit(content["posts"], unit), **content["extra_posts"].get(unit.code, {})}
    for sort, (key, post) in enumerate(told.items()):
        yield PostPlan(unit.code, key, post["name"].format(unit=unit.short_name), sort, post["holders"])


def _for_unit(table: Mapping[str, Any], unit: UnitPlan) -> Mapping[str, Any]:
    found = table.get(f"{unit.kind}/{unit.level}", table.get(unit.kind))
    if found is None:
        raise CityError(f"Expected a row for {unit.kind}/{unit.level} of unit {unit.code}, but there is none.")
    return found  # type: ignore[no-any-return]


def _spare_seats(posts: list[PostPlan], number: int) -> list[tuple[str, str]]:
    """Return seats for the people left over: a further holder of each unit's last post, from the top down."""
    last = {post.unit: (post.unit, post.key) for post in posts if post.holders > 1}
    return list(islice(last.values(), max(0, number)))


# ------------------------------------------------------------------ people


def _plan_people(content: Mapping[str, Any], chance: Random, number: int) -> list[PersonPlan]:
    given = content["given"]
    two = [first + second for first, second in product(given["first"].split(), given["second"].split())]
    names = [surname + name for surname, name in product(content["surnames"].split(), two)]
    chosen = chance.sample(names, min(number, len(names)))
    width = max(3, len(str(number)))
    return [
        PersonPlan(f"p{position + 1:0{width}}", f"p{position + 1:0{width}}", chosen[position % len(chosen)])
        for position in range(number)
    ]


def _name_accounts(content: Mapping[str, Any], people: list[PersonPlan], holdings: list[HoldingPlan]) -> frozenset[str]:
    by_code = {person.code: person for person in people}
    named = {}
    for username, seat in content["accounts"].items():
        holders = (held.person for held in holdings if (held.unit, held.post) == (seat["unit"], seat["post"]))
        code = next((holder for holder in holders if holder not in named), None)
        if code is None:
            raise CityError(f"Expected somebody to hold {seat['post']} at {seat['unit']} for account {username}.")
        by_code[code].username = username
        named[code] = username
        holdings += [HoldingPlan(seat["unit"], post, code, content["since"]) for post in seat.get("also", ())]
    return frozenset(named)


def _change_mid_year(
    content: Mapping[str, Any],
    chance: Random,
    year: int,
    holdings: list[HoldingPlan],
    *,
    newcomers: list[str],
    fixed: frozenset[str],
) -> list[HoldingPlan]:
    """End some holdings at mid-year and return those that begin then."""
    told = content["mid_year"]
    day = date(year, told["month"], told["day"])
    movable = [held for held in holdings if held.post == told["exchange_post"] and held.person not in fixed]
    leaving = [held for held in holdings if held.post == told["departure_post"] and held.person not in fixed]
    pairs = _pair(chance.sample(movable, len(movable)), told["exchanges"])
    begun = []
    for one, other in pairs:
        one.to_day = other.to_day = day
        begun.append(HoldingPlan(one.unit, one.post, other.person, day))
        begun.append(HoldingPlan(other.unit, other.post, one.person, day))
    for left, successor in zip(chance.sample(leaving, min(told["departures"], len(leaving))), newcomers, strict=False):
        left.to_day = day
        begun.append(HoldingPlan(left.unit, left.post, successor, day))
    return begun


def _pair(holdings: list[HoldingPlan], number: int) -> list[tuple[HoldingPlan, HoldingPlan]]:
    """Return up to ``number`` disjoint pairs from different units."""
    waiting = list(holdings)
    pairs: list[tuple[HoldingPlan, HoldingPlan]] = []
    while waiting and len(pairs) < number:
        one = waiting.pop()
        other = next((held for held in waiting if held.unit != one.unit), None)
        if other is not None:
            waiting.remove(other)
            pairs.append((one, other))
    return pairs


def _clear_people(
    content: Mapping[str, Any], units: Mapping[str, UnitPlan], people: list[PersonPlan], holdings: list[HoldingPlan]
) -> None:
    told = content["confidential"]
    cleared = {held.person for held in holdings if held.post in told["posts"] or units[held.unit].kind in told["kinds"]}
    for person in people:
        person.confidential = person.code in cleared


def _plan_grants(
    content: Mapping[str, Any], units: Mapping[str, UnitPlan], holdings: list[HoldingPlan]
) -> Iterator[GrantPlan]:
    for held in holdings:
        roles = _for_unit(content["grants"], units[held.unit]).get(held.post, {})
        for role, scope in roles.items():
            yield GrantPlan(held.person, role, scope, held.unit, held.from_day, held.to_day)
