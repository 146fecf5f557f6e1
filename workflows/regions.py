"""Regions 地区: load what cities do otherwise, as versions. Cases pin the version that held at their start."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import orjson

from workflows import ledger
from workflows.access import Actor
from workflows.data_faults import rejected_data
from workflows.deadlines.errors import DataFaultsError, Fault
from workflows.engine.values import from_json, to_json
from workflows.region_files import read_region
from workflows.store import Store
from workflows.store import definitions as rows
from workflows.store.definitions import DEFAULT_REGION
from workflows.tables import RegionVersion, Role


def load_regions(store: Store, files: Mapping[str, bytes], *, actor: Actor) -> list[RegionVersion]:
    """Load region files by path; return the versions that are new. Files that say nothing new make none.

    All faults of all files come in one ``RejectedError`` (``region-invalid``). A parameter that no family knows is one
    of them: a misspelt name would otherwise change nothing, silently.
    """
    actor.require_role(Role.FLOWADMIN)
    faults: list[Fault] = []
    known = _known_parameters(store)
    contents: dict[str, dict[str, Any]] = {}
    default: dict[str, Any] | None = None
    for path in sorted(files, key=lambda path: (PurePosixPath(path).stem != DEFAULT_REGION, path)):
        key = PurePosixPath(path).stem
        try:
            contents[key] = read_region(files[path], path, default=default or _default_now(store))
        except DataFaultsError as error:
            faults.extend(error.faults)
            continue
        faults.extend(_unknown_parameters(path, contents[key], known))
        default = contents[key] if key == DEFAULT_REGION else default
    if faults:
        raise rejected_data("region-invalid", faults)
    return [version for key, content in contents.items() if (version := _add_version(store, key, content, actor))]


def _default_now(store: Store) -> dict[str, Any] | None:
    newest = rows.newest_region(store, DEFAULT_REGION)
    return None if newest is None else from_json(newest.content)


def _add_version(store: Store, key: str, content: Mapping[str, Any], actor: Actor) -> RegionVersion | None:
    document = to_json(content)
    digest = hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()
    newest = rows.newest_region(store, key)
    if newest is not None and newest.digest == digest:
        return None
    version = store.add(
        RegionVersion(
            region=key,
            version=newest.version + 1 if newest else 1,
            name=content["name"],
            content=document,
            digest=digest,
            created_at=store.now,
        )
    )
    store.forget(rows.REGIONS)
    told = {"region": key, "version": version.version, "digest": digest}
    ledger.record(store, "config", "region-loaded", told, actor=actor)
    return version


def _known_parameters(store: Store) -> Mapping[str, frozenset[str]]:
    """Return the parameters of every family that is in force."""
    law = store.application.law
    bundles = [law.bundle(store, definition.id) for definition in rows.active_definitions(store)]
    return {bundle.key: frozenset(bundle.parameters) for bundle in bundles}


def _unknown_parameters(path: str, content: Mapping[str, Any], known: Mapping[str, frozenset[str]]) -> list[Fault]:
    return [
        Fault(
            path,
            f"parameters.{family}.{key}",
            "parameter-unknown",
            f"Expected a parameter of {family}, but {key} is none.",
            {"family": family, "parameter": key},
        )
        for family, values in content["parameters"].items()
        for key in values
        if key not in known.get(family, frozenset())
    ]
