"""Definitions, bundles and regions: what the law is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from workflows.errors import NotFoundError
from workflows.store import Store
from workflows.tables import Bundle, BundleFile, Definition, DefinitionStatus, RegionVersion, Unit


def bundle_with_digest(store: Store, digest: str) -> Bundle | None:
    """Return the bundle of exactly these bytes, if it was uploaded before."""
    return store.session.scalar(select(Bundle).where(Bundle.digest == digest))


def files_of_bundle(store: Store, bundle_id: str) -> Sequence[BundleFile]:
    """Return the files of a bundle, by path."""
    statement = select(BundleFile).where(BundleFile.bundle_id == bundle_id).order_by(BundleFile.path)
    return store.session.scalars(statement).all()


def definitions_of_bundle(store: Store, bundle_id: str) -> Sequence[Definition]:
    """Return the definitions that were made of a bundle, by key."""
    statement = select(Definition).where(Definition.bundle_id == bundle_id).order_by(Definition.key)
    return store.session.scalars(statement).all()


def definition_version(store: Store, key: str, version: int) -> Definition | None:
    """Return one version of a key."""
    return store.session.scalar(select(Definition).where(Definition.key == key, Definition.version == version))


def active_definition(store: Store, key: str) -> Definition | None:
    """Return the version of ``key`` that new cases run."""
    statement = select(Definition).where(Definition.key == key, Definition.status == DefinitionStatus.ACTIVE)
    return store.session.scalar(statement)


def resolve_definition(store: Store, reference: str) -> Definition:
    """Return the version that ``key`` (the one in force) or ``key:version`` names, or raise ``NotFoundError``."""
    key, colon, version = reference.partition(":")
    found = None
    if not colon:
        found = active_definition(store, key)
    elif version.isascii() and version.isdecimal() and len(version) < 10:  # noqa: PLR2004 - fits the column
        found = definition_version(store, key, int(version))
    if found is None:
        message = f"Expected definition {reference} to exist, but it does not."
        raise NotFoundError(message, code="definition-not-found", id=reference)
    return found


def lock_versions(store: Store, key: str) -> Sequence[Definition]:
    """Lock all versions of ``key``, newest first: who activates or retires one waits for the other."""
    statement = (
        select(Definition)
        .where(Definition.key == key)
        .order_by(Definition.version.desc())
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return store.session.scalars(statement).all()


def last_version(store: Store, key: str) -> int:
    """Return the highest version of ``key``, 0 when there is none."""
    return store.session.scalar(select(func.max(Definition.version)).where(Definition.key == key)) or 0


def newest_region(store: Store, region: str) -> RegionVersion | None:
    """Return the newest version of a region."""
    statement = select(RegionVersion).where(RegionVersion.region == region).order_by(RegionVersion.version.desc())
    return store.session.scalar(statement.limit(1))


def region_versions(store: Store) -> Sequence[str]:
    """Return the ids of all versions of all regions."""
    return store.session.scalars(select(RegionVersion.id).order_by(RegionVersion.id)).all()


def newest_regions(store: Store) -> Sequence[RegionVersion]:
    """Return the newest version of every region, by key."""
    newest = select(RegionVersion.region, func.max(RegionVersion.version)).group_by(RegionVersion.region)
    statement = select(RegionVersion).order_by(RegionVersion.region, RegionVersion.version)
    latest = {(region, version) for region, version in store.session.execute(newest)}
    return [row for row in store.session.scalars(statement) if (row.region, row.version) in latest]


def region_at(store: Store, path: str) -> tuple[str | None, str | None]:
    """Return the region that the nearest unit on a path names (None: none does), and its newest version if any.

    Without a name it is the region ``DEFAULT_REGION``.
    """
    named, newest = region_map(store)
    key = next((region for above, region in named if path.startswith(above)), None)
    return key, newest.get(key or DEFAULT_REGION)


def region_map(store: Store) -> tuple[tuple[tuple[str, str], ...], Mapping[str, str]]:
    """Return (path, region) of every unit that names one, the deepest first, and the newest version of each region."""
    return store.once(REGIONS, lambda: _region_map(store))


def _region_map(store: Store) -> tuple[tuple[tuple[str, str], ...], Mapping[str, str]]:
    named = [(path, region) for path, region in store.session.execute(_NAMED_REGIONS) if region]
    versions = dict(store.session.execute(_REGION_VERSIONS).all())
    return tuple(sorted(named, key=lambda each: len(each[0]), reverse=True)), versions


def active_ids(store: Store) -> dict[str, str]:
    """Return the id of the version in force by the key."""
    statement = select(Definition.key, Definition.id).where(Definition.status == DefinitionStatus.ACTIVE)
    return dict(store.session.execute(statement).all())


def active_definitions(store: Store) -> Sequence[Definition]:
    """Return the version in force of every key."""
    statement = select(Definition).where(Definition.status == DefinitionStatus.ACTIVE).order_by(Definition.key)
    return store.session.scalars(statement).all()


DEFAULT_REGION = "default"
REGIONS = "regions"  # the question that ``region_map`` answers: forgotten when a region is loaded or a unit made
_NAMED_REGIONS = select(Unit.path, Unit.region).where(Unit.region.is_not(None))
_REGION_VERSIONS = select(RegionVersion.region, RegionVersion.id).order_by(RegionVersion.version)  # the last one stays
