"""What is kept until anything changes is asked once for each data version, and never told when it may be otherwise."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from plans.fast.kept_answers import data_version_seen, kept
from plans.models import Activity
from tests.year_two import load_year_two

LIST = "/plans/year-two/activities/"


def answers(version):
    """What two who ask the same are told: the number of times that the database was asked."""
    asked = []

    def make():
        asked.append(version)
        return len(asked)

    with data_version_seen(version):
        return [kept(("test", 1), make), kept(("test", 1), make), kept(("test", 2), make)]


@pytest.mark.sqlite_only
def test_answer_is_kept_for_a_data_version(tricks_on):
    assert [answers(11), answers(12)] == [[1, 1, 2], [1, 1, 2]]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("version", [None, 13])
def test_nothing_is_kept_without_a_version_or_the_tricks(version, settings, tricks_on):
    settings.ROCC_FAST = version is None

    assert answers(version) == [1, 2, 3]


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_nothing_is_kept_within_a_transaction(tricks_on):
    with transaction.atomic():
        assert answers(14) == [1, 2, 3]


@pytest.mark.django_db(transaction=True)
def test_whole_list_is_counted_again_once_anything_changes(client, settings, tricks_on):
    settings.ROCC_OPEN_READING = True
    load_year_two()
    first = client.get(LIST).text

    with CaptureQueriesContext(
        connection,
    ) as asked:
        second = client.get(LIST).text
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE plans_activity SET withdrawn_on = '2026-01-01' WHERE id = (SELECT max(id) FROM plans_activity)"
        )
    changed = client.get(LIST).text
    settings.ROCC_FAST = False

    assert second == first
    assert not [one["sql"] for one in asked if "GROUP BY" in one["sql"]]
    assert f"{Activity.objects.in_force().count()} activities</h2>" in changed
    assert client.get(LIST).text == changed
