"""Taking back the agencies that an import added, where nobody has come to use them."""

from django.db.models import Exists, OuterRef

from plans.actions.bulk import remove_rows
from plans.models import ActivityAgency, Agency, AgencyAlias, Membership, StatusUpdate

USERS = (AgencyAlias, Membership, StatusUpdate)
WHY_KEPT = "In use, or changed since, so it stays"


def take_agencies_back(pks, since, *, author):
    """Remove the agencies `pks` that nothing refers to and nobody changed after the moment `since`.

    Answers (how many, [what is kept, as an undo's report lists it]). Two queries, and two for each 500.
    """
    unused, kept = judge_agencies(pks, since)
    remove_rows(Agency, unused, author)
    return len(unused), kept


def judge_agencies(pks, since, *, without=()):
    """Answer ([agencies that `take_agencies_back` would remove], [what it would keep]). One query, none without `pks`.

    `without` are ids of links between activities and agencies that do not count, since they will be gone by then.
    """
    unused, kept = [], []
    for agency in _judged(pks, since, without) if pks else ():
        (kept if agency.is_needed else unused).append(agency)
    return unused, [{"number": None, "column": "New agency", "imported": one.name, "now": WHY_KEPT} for one in kept]


def _judged(pks, since, without):
    """Answer the agencies, annotated as `is_needed` where something refers to them or they were changed."""
    uses = [Exists(model.objects.filter(agency=OuterRef("pk"))) for model in USERS]
    uses.append(Exists(ActivityAgency.objects.filter(agency=OuterRef("pk")).exclude(pk__in=without)))
    uses.append(Exists(Agency.objects.filter(parent=OuterRef("pk"))))
    members = Agency.members.through.objects
    uses += [Exists(members.filter(**{name: OuterRef("pk")})) for name in ("from_agency", "to_agency")]
    uses.append(Exists(Agency.history.filter(id=OuterRef("pk"), history_type="~", history_date__gt=since)))
    needed = uses[0]
    for use in uses[1:]:
        needed |= use
    return Agency.objects.filter(pk__in=pks).annotate(is_needed=needed)
