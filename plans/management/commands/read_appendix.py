"""`manage.py read_appendix`: a plan out of the text of its published table."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from plans.spreadsheets.published import AppendixError, decode, load_guide, read_appendix, save_plan

GUIDE = Path(settings.BASE_DIR) / "fixtures" / "year_two_guide.toml"


class Command(BaseCommand):
    """Reads a published plan and saves it: whole, or not at all with every error named by its line."""

    help = "Read a plan from the tab-separated text of its published table. Saves all of it or nothing."

    def add_arguments(self, parser):
        """Declare the file, its guide and the plan's address."""
        parser.add_argument("file", type=Path, help="The published text, for example fixtures/year-two-appendix.txt.")
        parser.add_argument(
            "--guide", type=Path, default=GUIDE, help="What the text does not say. Default: %(default)s."
        )
        parser.add_argument("--plan", metavar="SLUG", help="The plan's address, when it is not the guide's.")

    def handle(self, *, file, guide, plan, **options):
        """Read, save and print a receipt. Raise `CommandError` with every problem and what became of the plan."""
        try:
            known = load_guide(_read(guide))
            receipt = save_plan(read_appendix(_read(file), known), known, plan)
        except AppendixError as error:
            raise CommandError("\n".join([*error.problems, "Nothing was saved."])) from None
        self.stdout.write("\n".join(_lines(receipt)))


def _read(path):
    try:
        return decode(path.read_bytes(), path)
    except OSError as error:
        raise AppendixError([f"{path}: cannot be read. {error.strerror}."]) from None


def _lines(receipt):
    numbers = ", ".join(map(str, receipt.to_be_finalised)) or "none"
    yield f"Saved {receipt.plan.name} as '{receipt.plan.slug}':"
    yield f"{receipt.activities} activities"
    yield f"{receipt.priority_areas} priority areas"
    yield f"{receipt.parties} parties"
    yield f"{receipt.sub_activities} sub-activities"
    yield f"{receipt.leads} lead and {receipt.supports} support links"
    yield f"To be finalised: {numbers}"
    if receipt.kept:
        yield f"There already, and left as they were: {', '.join(receipt.kept)}"
