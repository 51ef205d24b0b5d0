"""A plan of a few activities, quickly made, and a way to check files against it."""

from copy import deepcopy
from datetime import date

import pytest

from plans.choices import AgencyKind, DescriptionState, ImportScope, Role
from plans.models import (
    Activity,
    ActivityAgency,
    Agency,
    AgencyAlias,
    FocusArea,
    Plan,
    PriorityArea,
    SubActivity,
)
from plans.spreadsheets.importing.check import check_table
from plans.spreadsheets.importing.outcome import Options
from plans.spreadsheets.reading.table import Table
from tests.spreadsheets.checking.tables import make_table

ON = date(2024, 7, 1)
AGENCIES = {"police": "Police", "apa": "APA", "msd": "MSD", "kainga-ora": "Kāinga Ora", "mbie": "MBIE"}
LEADS = {1: ["police"], 2: ["apa", "msd"], 3: ["office"], 4: []}
SUPPORTS = {1: [], 2: ["police"], 3: ["kainga-ora"], 4: []}


@pytest.fixture
def small_plan(db, small_plan_of_module):
    """Activity 1 led by Police, 2 by APA and MSD with Police, 3 with two items by an office of MSD, 4 by nobody."""
    return deepcopy(small_plan_of_module)


@pytest.fixture(scope="module")
def small_plan_of_module(rows_of_module):
    """The same, made once for all tests of a module."""
    agencies = {code: Agency(code=code, name=name) for code, name in AGENCIES.items()}
    Agency.objects.bulk_create(agencies.values())
    agencies["office"] = Agency.objects.create(
        code="office", name="MSD RPS Policy Office", kind=AgencyKind.UNIT, parent=agencies["msd"]
    )
    AgencyAlias.objects.bulk_create([AgencyAlias(agency=agencies["police"], alias="NZ Police")])
    focus = FocusArea.objects.create(code="SUPPLY", statement="Target supply")
    FocusArea.objects.create(code="DEMAND", statement="Reduce harm", position=1)
    priority = PriorityArea.objects.create(code="P1", name="Enforcement")
    PriorityArea.objects.create(code="P2", name="Prevention", position=1)
    plan = Plan.objects.create(slug="small", name="Small plan", short_name="Small", is_published=True)
    activities = [
        Activity(
            plan=plan,
            number=number,
            title=f"Title {number}",
            description=f"Words {number}",
            focus_area=focus,
            priority_area=priority,
            description_state=DescriptionState.FINALISED,
        )
        for number in LEADS
    ]
    Activity.objects.bulk_create(activities)
    links = [
        ActivityAgency(activity=one, agency=agencies[code], role=role, position=position)
        for one in activities
        for role, codes in ((Role.LEAD, LEADS), (Role.SUPPORT, SUPPORTS))
        for position, code in enumerate(codes[one.number], start=1)
    ]
    ActivityAgency.objects.bulk_create(links)
    items = [SubActivity(activity=activities[2], position=place, text=f"Item {place}") for place in (1, 2)]
    SubActivity.objects.bulk_create(items)
    return plan


@pytest.fixture
def importing_admin(make_user):
    """A person who may import everything."""
    return make_user("admin@programme.example", is_superuser=True)


@pytest.fixture
def check(small_plan, importing_admin):
    """Checks a table, or the rows of one under headings: `check("Number, Activity", ("1", "A title"))`."""

    def run(table, *rows, by=importing_admin, scope=ImportScope.PLAN, **options):
        table = table if isinstance(table, Table) else make_table(table, *rows)
        return check_table(small_plan, table, by=by, on=ON, scope=scope, options=Options(**options))

    return run
