"""Move the database's schema: ``upgrade`` brings the configured one to the newest, ``new "subject"`` writes a revision.

A new revision is what differs between the tables in code and a scratch database at the newest revision, so it does
not depend on anybody's data. Read it before it is kept: Alembic cannot see renames.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # a script sees its own folder only

from workflows import database  # noqa: E402 - after the path
from workflows.settings import load_settings  # noqa: E402 - after the path


def main() -> int:
    """Do what the command line names."""
    match sys.argv[1:]:
        case ["upgrade"]:
            database.migrate(load_settings().url)
            return 0
        case ["new", subject] if subject.strip():
            write_revision(subject.strip())
            return 0
    print('Expected "upgrade", or "new" and what the migration does.')
    return 2


def write_revision(subject: str) -> None:
    """Write ``migrations/versions/NNNN_subject.py`` with the next number."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/scratch.db"
        database.migrate(url)
        config = database.alembic_config(url)
        number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
        command.revision(config, message=subject, autogenerate=True, rev_id=f"{number:04}")


if __name__ == "__main__":
    sys.exit(main())
