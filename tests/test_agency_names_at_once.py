"""Two admins who give one name to two agencies at the same moment: one is saved, the other is told whose it is."""

import pytest

from plans.models import Agency, AgencyAlias
from tests.test_agency_pages import EDIT, NEW, errors, opened
from tests.test_merging import own_file, two_people  # noqa: F401
from tests.test_updates_at_once import at_once


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
