"""A pack that has something in each of its sections, for tests of what is made of one."""

from datetime import UTC, date, datetime

from plans.packs import content

PATROLS = content.ActivityNamed("5", "Joint patrols at the border")
CHECKS = content.ActivityNamed("12a", "Vetting of port workers — ngā kaimahi")
OFF_TRACK = content.StatusShown("off_track", "Off track", "◆")
ON_TRACK = content.StatusShown("on_track", "On track", "●")
AT = datetime(2026, 10, 31, 10, 59, 59, tzinfo=UTC)


def sample_content(**others) -> content.PackContent:
    """Return the content of pack 3, with other values for the fields that are named."""
    values = {
        "plan": "Year Two ROCC Action Plan",
        "programme": "Resilience to Organised Crime in Communities",
        "marking": "IN-CONFIDENCE",
        "title": "Board pack, October 2026",
        "number": 3,
        "issued_on": date(2026, 11, 2),
        "at": AT,
        "filters": "Focus area: Supply",
        "covering_note": "Two asks this time.\n\nPlease read them first.",
        "asks": (
            content.Ask(
                *("3.1", "Agree who pays for the vessel.", "New Zealand Police", date(2026, 11, 30), PATROLS),
                *("No vessel after March.", "New Zealand Customs Service", date(2026, 10, 2)),
            ),
            content.Ask("3.2", "Note the new dates.", "The board"),
        ),
        "answers": (
            content.Answer(
                *(2, "2.1", "Fund the vetting.", "Ministry of Health", CHECKS, "Funded to June.", "Ministry of Health"),
                *(date(2026, 9, 1), date(2026, 8, 30), "Paid on 30 August."),
            ),
            content.Answer(2, "2.2", "Name a lead.", "The board"),
        ),
        "state": content.State(
            statuses=(OFF_TRACK, ON_TRACK),
            counts=(1, 1),
            total=2,
            areas=(content.AreaCounts("Supply", (1, 0), 1), content.AreaCounts("Demand", (0, 1), 1)),
            facts=("1 activity is past its due date.",),
        ),
        "changes": content.Changes(
            since="pack 2, 1 August 2026",
            counts=(content.Counted("New", 1), content.Counted("Changed", 1)),
            activities=(
                content.ChangedActivity(CHECKS, "New", "Ministry of Health"),
                content.ChangedActivity(
                    *(PATROLS, "Changed", "New Zealand Police"),
                    (
                        content.Difference(
                            "Title",
                            (
                                content.Part("same", "Joint "),
                                content.Part("gone", "visits"),
                                content.Part("new", "patrols"),
                                content.Part("same", " at the border"),
                            ),
                        ),
                        content.Difference(
                            "Barrier escalated", about="No vessel after March.", note="Cannot be hired."
                        ),
                    ),
                ),
            ),
        ),
        "exceptions": (
            content.ActivityException(
                *(PATROLS, OFF_TRACK, "New Zealand Police", ("Off track", "Past its due date"), date(2026, 9, 30)),
                (content.AgencyWords("New Zealand Police", date(2026, 10, 20), "The vessel is sold.", "Off track"),),
                ("No vessel after March.",),
            ),
        ),
        "slipped": (
            content.SlippedDate(PATROLS, date(2026, 6, 30), date(2026, 9, 30), "", 92, 2, "Waiting for the vessel."),
            content.SlippedDate(CHECKS, date(2026, 6, 30), None, "Write the form"),
        ),
        "activities": (
            content.ActivityLine(
                *(PATROLS, OFF_TRACK, "New Zealand Police", "New Zealand Customs Service"),
                *(date(2026, 9, 30), date(2026, 10, 20), "Supply"),
            ),
            content.ActivityLine(CHECKS, ON_TRACK, "Ministry of Health", area="Demand"),
        ),
        "corrections": (
            content.Correction(
                PATROLS, "round September 2026", "New Zealand Police", date(2026, 10, 3), "We meant 4.", "On track"
            ),
        ),
    }
    return content.PackContent(**{**values, **others})
