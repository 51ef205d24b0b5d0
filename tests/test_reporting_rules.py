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
        ({"status": "", "agency": "police"}, [("status", "Choose a status.")]),
        ({"status": "on_trak", "agency": "police"}, [("status", "Choose a status.")]),
        (
            {"status": "no_update", "agency": "police"},
            [("status", "Choose a status. “No update yet” is only for activities with no updates.")],
        ),
        (
            {"status": "at_risk", "agency": "police", "what_happened": " \n"},
            [("what_happened", "Explain in a sentence why it is at risk.")],
        ),
        ({"status": "on_track", "agency": None}, [("what_happened", "Enter why you set the status.")]),
        (
            {"status": "on_track", "agency": "police", "needs_escalation": True},
            [("barrier", "Describe the barrier you want to escalate.")],
        ),
    ],
)
def test_report_problems_names_each_part_that_is_wrong(report, problems):
    assert report_problems(**report) == problems
