"""Prepared queries answer what the querysets that they were worked out from would."""

import pytest
from django.contrib.auth.models import Group
from django.db import ConnectionHandler, connections
from django.db.models import TextField, Value
from django.db.models.signals import post_init

from plans.fast.queries import Param, ParamList, prepared
from plans.models import Activity, ActivityAgency

pytestmark = pytest.mark.usefixtures("tricks_on")


@prepared
def in_plan():
    shown = Activity.objects.filter(plan=Param("plan")).select_related("focus_area", "plan").annotate(sign=Value("x"))
    return shown.defer("description")


@prepared
def links_in_plan():
    links = ActivityAgency.objects.filter(activity__plan=Param("plan")).select_related("agency__parent", "activity")
    return links.order_by("pk")


@prepared
def numbers_among():
    found = Activity.objects.filter(plan=Param("plan"), number__in=ParamList("numbers", TextField()))
    return found.exclude(title__in=ParamList("titles", TextField())).order_by("number").values_list("number", "status")


@prepared
def nothing():
    return Activity.objects.filter(plan=Param("plan")).none()


def values_of(row):
    """What a row holds, of an object with all that came along."""
    if isinstance(row, tuple):
        return row
    also = [getattr(row, name, None) for name in ("focus_area", "plan", "agency", "activity")]
    return fields_of(row), [one and fields_of(one) for one in also], getattr(row, "sign", None), row._state.db


def fields_of(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_objects_are_as_django_makes_them(year_two, django_assert_num_queries):
    plain = list(Activity.objects.filter(plan=year_two).select_related("focus_area", "plan").defer("description"))
    found = in_plan(plan=year_two.pk)

    with django_assert_num_queries(0):
        assert [(one.focus_area, one.plan, one.sign) for one in found] == [
            (one.focus_area, one.plan, "x") for one in plain
        ]
        assert [one.get_deferred_fields() for one in found] == [{"description"}] * 15
        assert [(one._state.db, one._state.adding) for one in found] == [("default", False)] * 15
    assert [fields_of(one) for one in found] == [fields_of(one) for one in plain]
    assert [fields_of(one.focus_area) for one in found] == [fields_of(one.focus_area) for one in plain]


CALLS = {
    "objects": lambda plan: in_plan(plan=plan),
    "a slice": lambda plan: in_plan(plan=plan, part=slice(3, 5)),
    "a slice past the end": lambda plan: in_plan(plan=plan, part=slice(90, 95)),
    "objects with others": lambda plan: links_in_plan(plan=plan),
    "numbers": lambda plan: numbers_among(plan=plan, numbers=[3, 5, 99], titles=["a"]),
    "no numbers": lambda plan: numbers_among(plan=plan, numbers=[], titles=[]),
    "nothing": lambda plan: nothing(plan=plan),
}


@pytest.mark.parametrize("name", CALLS)
def test_rows_are_the_same_without_preparing(year_two, settings, django_assert_num_queries, name):
    ask = CALLS[name]
    settings.ROCC_FAST = True
    found = ask(year_two.pk)
    settings.ROCC_FAST = False
    plain = ask(year_two.pk)

    assert [*map(values_of, found)] == [*map(values_of, plain)]
    assert [*map(type, found)] == [*map(type, plain)]


def test_value_of_one_query_is_not_that_of_the_next(year_two, settings):
    settings.ROCC_FAST = False

    found = [in_plan(plan=year_two.pk), in_plan(plan=0), in_plan(plan=year_two.pk)]

    assert [len(rows) for rows in found] == [15, 0, 15]


def test_objects_are_saved_as_those_of_django(year_two):
    first = in_plan(plan=year_two.pk)[0]
    first.title = "Another title"
    first.save()

    assert Activity.objects.get(pk=first.pk).title == "Another title"
    assert Activity.objects.count() == 15


def test_related_objects_are_shared_and_go_further(year_two):
    found = links_in_plan(plan=year_two.pk)

    assert len({id(one.agency) for one in found}) == len({one.agency_id for one in found}) < len(found)
    assert {one.agency.parent.code for one in found if one.agency.parent} == {"msd"}


@pytest.fixture
def heard():
    """The ids of the activities that somebody who listens was told of."""
    ids = []

    def listen(instance, **kwargs):
        ids.append(instance.pk)

    post_init.connect(listen, sender=Activity)
    yield ids
    post_init.disconnect(listen, sender=Activity)


def test_who_listens_for_new_objects_hears_of_them(year_two, heard):
    @prepared
    def anew():
        return Activity.objects.filter(plan=Param("plan"))

    found = anew(plan=year_two.pk)

    assert heard == [one.pk for one in found]


@prepared
def groups_called():
    return Group.objects.filter(name__in=ParamList("names", TextField()))


class ReadsFromOther:
    """A router that has everything read from another database."""

    def db_for_read(self, model, **hints):
        return "other"


@pytest.fixture
def other_database(db):
    """A second database, in SQLite's memory, that holds one group, of another name than that of the first."""
    Group.objects.create(name="in the first")
    memory = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    other = ConnectionHandler({"default": {}, "other": memory})["other"]
    connections["other"] = other
    with other.schema_editor() as editor:
        editor.create_model(Group)
    Group(name="in the other").save(using="other")
    yield
    other.close()
    del connections["other"]


def test_query_goes_to_the_database_that_the_router_names(other_database, settings):
    names = ["in the first", "in the other"]
    before = [(one.name, one._state.db) for one in groups_called(names=names)]

    settings.DATABASE_ROUTERS = [ReadsFromOther()]

    assert before == [("in the first", "default")]
    assert [(one.name, one._state.db) for one in groups_called(names=names)] == [("in the other", "other")]
    assert groups_called(names=names, part=slice(1, 2)) == []


def test_query_comes_back_to_the_first_database_when_the_router_does(other_database, settings):
    settings.DATABASE_ROUTERS = [ReadsFromOther()]
    groups_called(names=["in the first"])

    settings.DATABASE_ROUTERS = []

    assert [one.name for one in groups_called(names=["in the first"])] == ["in the first"]
