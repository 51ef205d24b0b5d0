"""How far a database has come: which migrations were applied to it, and which are still to come."""

from dataclasses import dataclass

from django.db import connection
from django.db.migrations.loader import MigrationLoader


@dataclass(frozen=True)
class Schema:
    """The migrations of a database as sorted lists of "app.name": applied, still to come, and unknown to this code."""

    applied: list
    to_come: list
    unknown: list

    @property
    def is_current(self):
        """Whether the tables are as this code expects them."""
        return not (self.to_come or self.unknown)


def look():
    """Return the `Schema` of the database. Up to two queries; reads every migration file, so keep what it returns."""
    loader = MigrationLoader(connection)
    applied = {key for key in loader.applied_migrations if key[0] in loader.migrated_apps}
    ours = set(loader.graph.nodes)
    known = ours | set(loader.disk_migrations)
    return Schema(_words(applied & ours), _words(ours - applied), _words(applied - known))


def _words(keys):
    return sorted(f"{app}.{name}" for app, name in keys)
