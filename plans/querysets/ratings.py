"""How the programme's own rating of activities compares with their status, as conditions and columns of queries."""

from django.db.models import Case, F, Q, Value, When

from plans.choices import Rating


def is_rated_otherwise() -> Q:
    """Return the condition that the programme rates an activity otherwise than its status says."""
    return ~Q(programme_rating="") & ~Q(programme_rating=F("status"))


def rating_state() -> Case:
    """Return the column that says how the programme's rating compares with the status, a value of `Rating`."""
    return Case(
        When(programme_rating="", then=Value(Rating.NONE)),
        When(is_rated_otherwise(), then=Value(Rating.DIFFERS)),
        default=Value(Rating.SAME),
    )
