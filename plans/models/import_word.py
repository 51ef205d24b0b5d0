"""Words of spreadsheets whose meaning someone explained, so that the next file need not ask."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from plans.choices import NO_LEAD, REPORTABLE, WordKind
from plans.models.fields import FoldedModel, FoldedTextField

REPORTED = [status.value for status in REPORTABLE]
MEANINGS = [
    *((status.value, status.label) for status in REPORTABLE),
    (NO_LEAD, "No status, or no agency yet"),
]


class ImportWord(FoldedModel):
    """What a word means in the spreadsheets of every plan: a status, or that there is no status or agency yet.

    It is kept when a file that it was explained for is imported. A word without a meaning is asked about again.
    """

    kind = models.CharField("used for", max_length=10, choices=WordKind.choices)
    word = models.CharField(max_length=200)
    meaning = models.CharField(
        max_length=20, choices=MEANINGS, blank=True, help_text="Choose none to have the next file ask again."
    )
    key = FoldedTextField(sources=["word"])

    history = HistoricalRecords(excluded_fields=["key"])

    class Meta:
        ordering = ["kind", "key"]
        verbose_name = "word in spreadsheets"
        verbose_name_plural = "words in spreadsheets"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                name="importword_unique",
                violation_error_message="This word is in the list already. Change its meaning there.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=WordKind.values),
                name="importword_kind_known",
                violation_error_message="Choose what the word is used for.",
            ),
            models.CheckConstraint(
                condition=Q(meaning__in=["", NO_LEAD]) | Q(kind=WordKind.STATUS, meaning__in=REPORTED),
                name="importword_meaning_fits",
                violation_error_message="A word in an agency column can only mean “no agency yet”.",
            ),
        ]

    def __str__(self) -> str:
        return self.word
