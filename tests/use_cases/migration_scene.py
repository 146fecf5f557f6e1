"""Changed editions of diagrams in a world, and cases that move onto them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from tests.world import SHIPPED, World, model_files
from workflows.access import Actor, system_actor
from workflows.bundles import split_upload
from workflows.definitions import activate_definition, deploy_files
from workflows.deployment import read_bundle_files
from workflows.engine.types import FileContent, Profile
from workflows.migrations import Asked, Wish, ask_migration, migrate_case, move_due
from workflows.store import Store
from workflows.tables import Case, Definition, LimitChoice, Migration, MigrationCase

REASON = "新规定已施行"


@cache
def family(name: str) -> tuple[FileContent, ...]:
    """The files of a family of the models, or of the shipped law."""
    models = split_upload(model_files())
    return tuple(models[name] if name in models else split_upload(read_bundle_files(SHIPPED))[name])


def edition(world: World, name: str, *changes: tuple[str, str]) -> int:
    """Put a changed edition of a family into force; each change replaces a text that must be there."""
    files = []
    missing = dict(changes)
    for file in family(name):
        text = file.content.decode()
        for before, after in changes:
            if before in text:
                missing.pop(before, None)
                text = text.replace(before, after)
        files.append(FileContent(file.path, text.encode()))
    assert not missing, missing

    def put(store: Store) -> int:
        definitions = [each for each, _ in deploy_files(store, files, actor=system_actor("test"))]
        for each in definitions:
            actor = system_actor("test")
            activate_definition(store, each.key, each.version, actor=actor, profile=Profile.STANDARD)
        return max(each.version for each in definitions)

    return world.run(put)


def move(
    world: World,
    case: str,
    to: int,
    *,
    limits: LimitChoice = LimitChoice.KEEP,
    mapping: Mapping[str, str] | None = None,
    with_children: bool = False,
    actor: Actor | None = None,
    **more: int,
) -> Asked:
    definition = world.read(lambda store: store.need(Definition, store.need(Case, case).definition_id))
    wish = Wish(definition.key, definition.version, to, mapping or {}, limits, with_children)
    asked = world.run(migrate_case, case, wish, reason=REASON, actor=actor or world.actor("flowadmin"), **more)
    world.settle()
    world.check()
    return asked


def order(world: World, key: str, to: int, *, cases: Sequence[str] | None = None) -> Migration:
    wish = Wish(key, 1, to, {})
    return world.run(ask_migration, wish, cases=cases, reason=REASON, actor=world.actor("flowadmin")).migration


def moved(world: World, migration: Migration) -> dict[str, str]:
    """Let the background work and tell what became of each case."""
    while move_due(world.application):
        pass
    return {row.case_id: row.status for row in world.rows(MigrationCase, migration_id=migration.id)}


def version(world: World, case: str) -> int:
    return world.read(lambda store: store.need(Definition, store.need(Case, case).definition_id).version)
