"""Two admins at the same moment: one name for two agencies, and an agency that is merged while it is chosen."""

import pytest

from plans.models import ActivityAgency, Agency, AgencyAlias
from plans.summaries.agency_merges import read_merge
from tests.test_agency_pages import EDIT, NEW, errors, opened
from tests.test_editing import fields
from tests.test_merging import own_file, two_people  # noqa: F401
from tests.test_updates_at_once import at_once

EDIT_ACTIVITY = "/plans/year-two/activities/2/edit/"


@pytest.mark.parametrize("second", ["alias", "new"])
def test_of_two_who_give_one_name_at_once_one_is_told_whose_it_is(two_people, second):  # noqa: F811
    one, other = two_people
    renamed = opened(one, EDIT.format("msd")) | {"name": "Gang Unit"}
    known = opened(other, EDIT.format("police"))
    known |= {"aliases": f"{known['aliases']}\ngang  unit"}
    posts = {
        "alias": lambda: other.post(EDIT.format("police"), known),
        "new": lambda: other.post(NEW, {"name": "Gāng Unit", "kind": "agency"}),
    }
    answers = at_once(lambda: one.post(EDIT.format("msd"), renamed), posts[second])

    assert sorted(answer.status_code for answer in answers) == [200, 302]
    [refused] = [answer for answer in answers if answer.status_code == 200]
    [sentence] = errors(refused)
    assert "is a name of" in sentence or "is also known as" in sentence or "already an agency with this" in sentence
    owners = list(Agency.objects.called(["gang unit"]).values_list("code", flat=True))
    assert len(owners) == 1
    assert (
        AgencyAlias.objects.filter(key="gang unit").count() + Agency.objects.filter(name_key="gang unit").count() == 1
    )


def test_agency_that_is_chosen_while_it_is_merged_is_left_on_no_activity(two_people):  # noqa: F811
    one, other = two_people
    pair = [Agency.objects.get(code=code) for code in ("te-aka-whai-ora", "te-whatu-ora")]
    address = "/plans/year-two/merge-agencies/te-aka-whai-ora/into/te-whatu-ora/"
    merged = {"on": "2024-06-30", "reason": "Disestablished", "fingerprint": read_merge(*pair).fingerprint}
    editing = fields(other.get(EDIT_ACTIVITY)) | {"supports": "Te Aka Whai Ora", "reason": "Chosen"}
    merging, edited = at_once(lambda: one.post(address, merged), lambda: other.post(EDIT_ACTIVITY, editing))

    # Whoever is first is saved; then the other one is too, with the agency that goes on, or is told to look again.
    assert (merging.status_code, edited.status_code) in {(302, 302), (302, 200), (409, 302)}
    pair[0].refresh_from_db()
    is_merged = pair[0].merged_into_id is not None
    assert is_merged == (merging.status_code == 302)
    assert ActivityAgency.objects.filter(agency=pair[0]).exists() != is_merged
