"""Deploy the law that stands under ``bpmn/``: at the first start, and again whenever its files changed.

Everything here is idempotent: identical bytes change nothing. A newer version of a family is put into force, its
cases run on; a corrected calendar year waits for approval like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workflows.access import Actor, system_actor
from workflows.application import Application
from workflows.calendars import adopt_base_years
from workflows.deadlines.calendar_files import load_calendar_years
from workflows.definitions import activate_definition, deploy_files
from workflows.duties import load_duties
from workflows.engine.types import FileContent
from workflows.regions import load_regions
from workflows.store import Store
from workflows.tables import DefinitionStatus
from workflows.transaction import run

BUNDLE_FOLDERS = ("diagrams", "forms", "decisions", "deadlines")


@dataclass
class Deployment:
    """What was new: definitions put into force, regions and calendar years by name, changed rows of the catalogue."""

    definitions: list[str] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)
    calendars: list[str] = field(default_factory=list)
    duties: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing was new."""
        return not (self.definitions or self.regions or self.calendars or self.duties)


def deploy_law(application: Application) -> Deployment:
    """Deploy everything under the folder of the law, in one transaction: all of it holds, or nothing new does."""
    return run(application, deploy_folder, application.settings.law, actor=system_actor("deployment"))


def deploy_folder(store: Store, folder: Path, *, actor: Actor) -> Deployment:
    """Deploy calendars, families, regions and duties of ``folder``, in this order: each rests on those before."""
    done = Deployment()
    years = adopt_base_years(store, load_calendar_years(folder / "calendars"), actor=actor)
    done.calendars = [f"{year.year}:{year.version}" for year in years]
    files = read_bundle_files(folder)
    for definition, _ in deploy_files(store, files, actor=actor) if files else ():
        if definition.status in {DefinitionStatus.DRAFT, DefinitionStatus.TRIAL}:
            activate_definition(store, definition.key, definition.version, actor=actor)
            done.definitions.append(f"{definition.key}:{definition.version}")
    regions = load_regions(store, _read_all(folder, "regions"), actor=actor)
    done.regions = [f"{region.region}:{region.version}" for region in regions]
    done.duties = load_duties(store, _read_all(folder, "duties"), actor=actor)
    return done


def read_bundle_files(folder: Path) -> list[FileContent]:
    """Return the files of all families, with their paths below ``folder``."""
    return [
        FileContent(path.relative_to(folder).as_posix(), path.read_bytes())
        for name in BUNDLE_FOLDERS
        for path in _files(folder / name)
    ]


def _read_all(folder: Path, name: str) -> Mapping[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in _files(folder / name)}


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            yield path
