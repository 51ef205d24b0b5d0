import pytest

from plans.actions.reporting_rules import report_problems


@pytest.mark.parametrize(
    ("report", "problems"),
    [
        ({"status": "on_track", "agency": "police"}, []),
        ({"status": "at_risk", "agency": "police", "what_happened": "Short of staff"}, []),
        ({"status": "off_track", "agency": "police", "barrier": "No money"}, []),
        ({"status": "paused", "agency": "police", "is_no_change": True}, []),
        ({"status": "on_track", "agency": None, "what_happened": "Agreed"}, []),
        ({"status": "", "agency": "police"}, [("status", "Choose the status now.")]),
        ({"status": "on_trak", "agency": "police"}, [("status", "Choose the status now.")]),
        (
            {"status": "no_update", "agency": "police"},
            [("status", "“No update yet” is how an activity begins. Choose another status.")],
        ),
        (
            {"status": "at_risk", "agency": "police", "what_happened": " \n"},
            [("what_happened", "Say in a sentence why it is at risk.")],
        ),
        ({"status": "on_track", "agency": None}, [("what_happened", "Say why you set the status.")]),
        (
            {"status": "on_track", "agency": "police", "needs_escalation": True},
            [("barrier", "Say what stands in the way, so that it can be escalated.")],
        ),
    ],
)
def test_report_problems_names_each_part_that_is_wrong(report, problems):
    assert report_problems(**report) == problems
