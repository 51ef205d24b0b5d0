"""The filters of a list of activities: what people ask for, and what each further choice would leave."""

from difflib import get_close_matches
from functools import cached_property, partial

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django_filters import CharFilter, FilterSet

from plans.choices import (
    ANY_CHECK,
    NO_LEAD,
    NOT_ENDED,
    Attention,
    DescriptionState,
    Due,
    Ending,
    Freshness,
    Group,
    LeadsDiffer,
    PlanCheck,
    Rating,
    Role,
    Sort,
    Status,
    View,
)
from plans.fast.kept_answers import kept
from plans.fast.queries import Param, prepared
from plans.filters.facets import Arrangement, Chip, Facet, FacetValue
from plans.filters.strict_filters import SINGLE, ActivityFilterForm, KnownValueFilter, KnownValuesFilter, PageFilter
from plans.models import Activity, FocusArea, PriorityArea
from plans.querysets import ActivitySelection, words_in
from plans.summaries import Parties, count_facets
from plans.text import fold

CODED = {
    "attention",
    "focus",
    "priority",
    "agency",
    "status",
    "description",
    "freshness",
    "due",
    "checks",
    "rating",
    "ending",
    "leads_differ",
    "role",
    "sort",
    "group",
    "view",
    "of",
}
FACETS = (
    "attention",
    "status",
    "agency",
    "role",
    "freshness",
    "due",
    "rating",
    "ending",
    "leads_differ",
    "checks",
    "description",
    "focus",
    "priority",
)
FOLDED = {"due", "rating", "ending", "leads_differ", "checks", "focus", "priority"}
"""Filters that are folded while nothing is chosen of them: the list is grouped by one, and few use the others."""
STILL_OPEN = "The programme has not said that it has ended."
ARRANGEMENT = ("sort", "group", "view", "page")
"""What says how activities are shown, and not which."""
FIRST_SHOWN = 8
ROLE_LABELS = {Role.LEAD: "Leads", Role.SUPPORT: "Supports"}
NAMED_BY_VALUE = {"focus", "priority"}
"""Filters whose values say it shorter than their labels, where a file is named after them."""


class ActivityFilter(FilterSet):
    """The filters of `/plans/<plan>/activities/` and of the exports beside it.

    Blank values are as good as absent. Values within a parameter are OR, parameters are AND. When anything is
    unknown, `is_valid()` is false and there are no rows. `on` is the day to judge freshness for. Agencies, focus
    areas and priority areas cost a query each when one is asked for, and when `facets` offers them. Those who do not
    see the checks of a plan have no filter by them: `has_checks` says who does.
    """

    q = CharFilter(label="Search", max_length=200)
    attention = KnownValuesFilter(label="Show", choices=Attention.choices)
    focus = KnownValuesFilter(label="Focus area")
    status = KnownValuesFilter(label="Status", choices=Status.choices)
    agency = KnownValuesFilter(label="Agency")
    role = KnownValueFilter(label="Agency role", choices=Role.choices)
    description = KnownValuesFilter(label="Description", choices=DescriptionState.choices)
    freshness = KnownValuesFilter(label="Update status", choices=Freshness.choices)
    due = KnownValuesFilter(label="Due date", choices=Due.choices)
    checks = KnownValuesFilter(label="Plan checks", choices=[(ANY_CHECK, ANY_CHECK), *PlanCheck.choices])
    rating = KnownValuesFilter(label="Programme rating", choices=Rating.choices)
    ending = KnownValuesFilter(label="Ending", choices=[(NOT_ENDED, NOT_ENDED), *Ending.choices])
    leads_differ = KnownValuesFilter(label="Joint leads", choices=LeadsDiffer.choices)
    priority = KnownValuesFilter(label="Priority area")
    sort = KnownValueFilter(label="Sort order", choices=Sort.choices)
    group = KnownValueFilter(label="Group", choices=Group.choices)
    view = KnownValueFilter(label="View", choices=View.choices)
    page = PageFilter(label="Page", min_value=1)

    defaults = {"sort": Sort.NUMBER.value, "view": View.LIST.value, "page": "1"}
    """What is as good as absent, so that addresses are short: {parameter: value}."""

    class Meta:
        model = Activity
        fields: list[str] = []
        form = ActivityFilterForm

    def __init__(self, data, *, plan, on, has_checks=False):
        super().__init__(_without_blanks(data), Activity.objects.all())
        if not has_checks:
            del self.filters["checks"]
        self.plan, self.on = plan, on
        # What the plan decides. They are called when one is asked for, not before, and cost a query each.
        known = {
            "focus": lambda: self.focus_areas,
            "priority": lambda: self.priority_areas,
            "agency": lambda: [*self.parties.by_code, NO_LEAD],
        }
        for name, values in known.items():
            self.filters[name].extra["choices"] = partial(_as_choices, values)

    @cached_property
    def parties(self):
        """The parties of the plan, and those that were asked for. PostgreSQL takes no text with a null character."""
        return Parties(self.plan, also=[code for code in self.data.getlist("agency") if "\0" not in code])

    @cached_property
    def focus_areas(self):
        """All focus areas, each with its `count` of activities in the plan: {slug: focus area}."""
        areas = kept(("focus areas", self.plan.pk), lambda: _focus_areas(plan=self.plan.pk))
        return {area.slug: area for area in areas}

    @cached_property
    def priority_areas(self):
        """All priority areas: {slug: priority area}."""
        return {area.slug: area for area in _priority_areas()}

    # What was chosen, and what it leaves

    @cached_property
    def chosen(self):
        """What people chose, by filter: lists of values, a string for single-valued ones. Nothing when invalid."""
        cleaned = self.form.cleaned_data if self.is_valid() else {}
        return {name: cleaned.get(name) or ("" if name in SINGLE else []) for name in self.filters}

    @cached_property
    def selection(self):
        """What people chose as an `ActivitySelection`, which every query of the list takes. Nothing when invalid."""
        chosen = self.chosen
        return ActivitySelection(
            words=words_in(chosen["q"]),
            focus_areas=tuple(self.focus_areas[slug].pk for slug in chosen["focus"]),
            priority_areas=tuple(self.priority_areas[slug].pk for slug in chosen["priority"]),
            statuses=tuple(chosen["status"]),
            descriptions=tuple(chosen["description"]),
            freshness=tuple(chosen["freshness"]),
            attention=tuple(chosen["attention"]),
            due=tuple(chosen["due"]),
            checks=_checks(chosen.get("checks", ())),
            rating=tuple(chosen["rating"]),
            endings=tuple("" if one == NOT_ENDED else one for one in chosen["ending"]),
            leads_differ=tuple(chosen["leads_differ"]),
            agencies=tuple(self.parties.by_code[code].pk for code in chosen["agency"] if code != NO_LEAD),
            role=chosen["role"],
            or_nobody=NO_LEAD in chosen["agency"],
        )

    def filter_queryset(self, queryset):
        """Return the activities of the plan that the selection leaves."""
        of_plan = queryset.filter(plan=self.plan).in_force()
        return of_plan.with_freshness(self.plan.open_round, self.on).left_by(self.selection, self.on)

    @property
    def order(self):
        """The chosen order, by number when none was chosen."""
        return Sort(self.chosen["sort"] or Sort.NUMBER)

    @property
    def grouping(self):
        """What the list is grouped by: what was chosen, else the focus area as long as the order is by number."""
        default = Group.FOCUS if self.order == Sort.NUMBER else Group.NONE
        return Group(self.chosen["group"] or default)

    @property
    def shown_as(self):
        """How the list is shown."""
        return View(self.chosen["view"] or View.LIST)

    @property
    def words(self):
        """The folded words that were searched for."""
        return tuple(word.text for word in self.selection.words)

    @property
    def activities(self):
        """The activities that every filter leaves, in the chosen order. None at all when a filter is invalid."""
        if not self.is_valid():
            return self.queryset.none()
        return self.qs.with_latest_update().sorted_by(self.order)

    @property
    def suggestions(self):
        """Names of the plan's parties that are spelt much like the words that were searched for. No query."""
        names = {fold(name): name for agency in self.parties.by_code.values() for name in agency.names}
        near = get_close_matches(fold(self.chosen["q"]), names, n=3, cutoff=0.6)
        return list(dict.fromkeys(names[key] for key in near))

    @cached_property
    def counts(self):
        """The counts behind the filters, given the others. Two queries; see `count_facets`."""
        return count_facets(self.plan, self.selection, self.parties, on=self.on, with_checks="checks" in self.filters)

    @property
    def in_plan(self):
        """How many activities the plan has, whatever is chosen."""
        return sum(area.count for area in self.focus_areas.values())

    # What the page shows of it

    @property
    def errors_elsewhere(self):
        """What is wrong besides the search box and the facets, which show their own errors."""
        errors = self.form.errors
        return [error for name in ("__all__", "sort", "group", "view", "page") for error in errors.get(name, [])]

    @cached_property
    def facets(self):
        """The filters to choose from, with counts given the other filters."""
        return [self._facet(name) for name in FACETS if name in self.filters]

    def _facet(self, name):
        asked = self.data.getlist(name)
        found = [
            FacetValue(value=value, count=self.counts.by_value[name, key], is_chosen=value in asked, **option)
            for value, key, option in self._values(name)
        ]
        errors, first_count = tuple(self.form.errors.get(name, [])), None
        if name == "agency":
            # Those with most to show come first, so that few have to look under "Show all".
            first_count = FIRST_SHOWN
            most = set(sorted(found, key=lambda one: -one.count)[:FIRST_SHOWN])
            found.sort(key=lambda one: one not in most)
        return Facet(name, self.filters[name].label, tuple(found), errors, name in FOLDED, first_count)

    def _values(self, name):
        """Return what can be chosen, as [(value, what it is counted under, what is said of it)]."""
        return {
            "attention": lambda: _explained(Attention),
            "focus": lambda: [(one.slug, one.pk, {"label": one.label}) for one in self.focus_areas.values()],
            "status": lambda: [
                (one, one, {"label": one.label, "shape": one.shape, "meaning": one.meaning}) for one in Status
            ],
            "agency": lambda: [
                *map(_agency_value, self.parties.ordered),
                (NO_LEAD, NO_LEAD, {"label": "No lead agency"}),
            ],
            "role": lambda: [(one, one, {"label": ROLE_LABELS[one], "meaning": one.meaning}) for one in Role],
            "description": lambda: _explained(DescriptionState),
            "freshness": lambda: _explained(Freshness),
            "due": lambda: _explained(Due),
            "checks": lambda: [(ANY_CHECK, ANY_CHECK, {"label": "Any check"}), *_explained(PlanCheck)],
            "rating": lambda: _explained(Rating),
            "ending": lambda: [(NOT_ENDED, "", {"label": "Open", "meaning": STILL_OPEN}), *_explained(Ending)],
            "leads_differ": lambda: _explained(LeadsDiffer),
            "priority": lambda: [(one.slug, one.pk, {"label": one.label}) for one in self.priority_areas.values()],
        }[name]()

    @property
    def arrangements(self):
        """How the list can be grouped, ordered and shown, and how it is."""
        return (
            Arrangement("group", "Group by", tuple(Group.choices), self.grouping.value),
            Arrangement("sort", "Sort by", tuple(Sort.choices), self.order.value),
            Arrangement("view", "View", tuple(View.choices), self.shown_as.value),
        )

    @cached_property
    def chips(self):
        """What was asked for, each with the query string that takes it off; unknown values as well."""
        return self._chips_of(FACETS)

    def _chips_of(self, names):
        chips = [Chip(f"“{word}”", self._query_without("q")) for word in self.data.getlist("q")]
        for name in names:
            if name in self.filters and (asked := self.data.getlist(name)):
                labels = {value: option["label"] for value, _, option in self._values(name)}
                legend = "Role" if name == "role" else self.filters[name].label
                chips += [Chip(f"{legend}: {labels.get(one, one)}", self._query_without(name, one)) for one in asked]
        return chips

    @property
    def said(self):
        """What was asked for, as [(label, value)] in words."""
        return [("Filter", chip.label) for chip in self.chips]

    @property
    def file_labels(self):
        """What was asked for in the words that a file is named after: who first, then what. No query of its own."""
        named = [*self.data.getlist("q")]
        for name in sorted(FACETS, key=lambda one: one not in ("agency", "role")):
            if asked := self.data.getlist(name):
                labels = {value: option["label"] for value, _, option in self._values(name)}
                named += [one if name in NAMED_BY_VALUE else labels.get(one, one) for one in asked]
        return named

    @property
    def query(self):
        """What was asked for as a query string, without the page: exports and sorting go on from it."""
        return self._query_without("page")

    def kept_beside(self, *names):
        """Return what a form with fields of those names leaves as it is, as [(name, value)]."""
        query = QueryDict(self.query)
        return [(name, value) for name, values in query.lists() for value in values if name not in names]

    @property
    def query_to_compare(self):
        """What was chosen of activities as a query string: not their arrangement, nor checks, asked of one day."""
        return without_arrangement(self.data, "checks")

    @property
    def query_of_choices(self):
        """What was chosen of activities as a query string, checks included, and not their arrangement."""
        return without_arrangement(self.data)

    @property
    def query_with_page(self):
        """What was asked for as a query string, as short as it can be: the address that people share."""
        return self._query(self.data)

    @property
    def sorts(self):
        """The orders to choose from, as [(order, whether it is the chosen one, query string)]."""
        return [(one, one == self.order, self._query_with("sort", one)) for one in Sort]

    def _query_with(self, name, value):
        # Without the defaults, which a form sends along: what was not chosen follows the new value.
        query = QueryDict(self.query, mutable=True)
        query[name] = value
        return self._query(query)

    def _query_without(self, name, value=None):
        query = self.data.copy()
        query.setlist(name, [one for one in query.getlist(name) if value is not None and one != value])
        query.pop("page", None)
        return self._query(query)

    def _query(self, query):
        query = query.copy()
        for name, default in self.defaults.items():
            if query.get(name) == default:
                query.pop(name)
        if "group" in self.filters and query.get("group") == Group.FOCUS and "sort" not in query:
            query.pop("group")
        return query.urlencode()


def without_arrangement(query, *besides):
    """Return which activities a `QueryDict` chooses, as a query string, without the parameters `besides` either."""
    chosen = query.copy()
    for name in (*ARRANGEMENT, *besides):
        chosen.pop(name, None)
    return chosen.urlencode()


def _explained(choices):
    """Return members of `choices` that carry a meaning as [(value, what it is counted under, what is said of it)]."""
    return [(one, one, {"label": one.label, "meaning": one.meaning}) for one in choices]


def _checks(chosen):
    """Return the checks that are chosen; any of them are all of them."""
    return tuple(PlanCheck) if ANY_CHECK in chosen else tuple(chosen)


def _as_choices(values):
    return [(value, value) for value in values()]


@prepared
def _focus_areas():
    here = Activity.objects.filter(plan=Param("plan")).in_force().filter(focus_area=OuterRef("pk")).order_by()
    count = Coalesce(Subquery(here.values("focus_area").annotate(count=Count("pk")).values("count")), 0)
    return FocusArea.objects.annotate(count=count)


@prepared
def _priority_areas():
    return PriorityArea.objects.all()


def _agency_value(agency):
    return agency.code.lower(), agency.pk, {"label": agency.label, "lang": agency.lang}


def _without_blanks(data):
    """Return the parameters without blank values; codes in lower case, as addresses spell them."""
    cleaned = QueryDict(mutable=True)
    for name in data:
        values = [value.strip() for value in data.getlist(name) if value.strip()]
        if name in CODED:
            values = list(dict.fromkeys(value.lower() for value in values))
        if values:
            cleaned.setlist(name, values)
    return cleaned
