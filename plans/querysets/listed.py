"""Many values in one row."""

from django.db.models import Aggregate, JSONField


class Listed(Aggregate):
    """All values as a list, in no order: much less to fetch than a row for each."""

    function = "JSON_GROUP_ARRAY"
    output_field = JSONField()

    def as_postgresql(self, compiler, connection):
        """Call it by PostgreSQL's name."""
        return self.as_sql(compiler, connection, function="JSONB_AGG")
