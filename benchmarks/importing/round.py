"""One round of everything, on the files of one size."""

import csv
from io import StringIO

from benchmarks.files import write_csv
from benchmarks.importing import made_up, ours
from benchmarks.importing.floor import Floor, mend_sequences, read_and_insert
from benchmarks.importing.stock import run_stock
from plans.models import Plan, User
from plans.spreadsheets.reading.read import read_table

ADMIN = "admin@benchmark.example"


class Round:
    """Measures by a `Stopwatch`: `run` does all of it once."""

    def __init__(self, watch, rows, stock_rows):
        """Make the files: of so many rows, and of so many for stock."""
        self.watch, activities = watch, made_up.make_up(rows)
        self.content = made_up.workbook(made_up.HEADINGS, map(made_up.as_people_write, activities))
        stock = map(made_up.as_stock_reads, activities[:stock_rows])
        self.stock_content = made_up.workbook(made_up.HEADINGS, stock)
        self.person = admin()

    def run(self):
        """Measure everything once, each in a new plan."""
        self._read()
        plan = self._import_ours()
        self._import_floor(plan)
        self._import_bare()
        self._import_stock()
        self._export(plan)
        self._change(plan)

    def _read(self):
        with self.watch.time("calamine"):
            made_up.read_alone(self.content)
        with self.watch.time("read_table"):
            read_table(self.content, ours.NAME)

    def _import_ours(self):
        plan = new_plan("ours")
        source = ours.keep(self.content, plan, self.person)
        with self.watch.time("check"):
            ours.check(source)
        with self.watch.time("apply"):
            ours.apply(source, self.person)
        return plan

    def _import_floor(self, plan):
        statements = Floor(plan).rows_for(new_plan("floor"))
        with self.watch.time("floor"):
            read_and_insert(self.content, statements)
        mend_sequences()

    def _import_bare(self):
        plan = new_plan("bare")
        with self.watch.time("check_bare"):
            found = ours.check_bare(self.content, plan, self.person)
        with self.watch.time("apply_bare"):
            ours.apply_bare(found, plan, self.person)

    def _import_stock(self):
        plan = new_plan("stock")
        with self.watch.time("stock_check"):
            run_stock(self.stock_content, plan, dry_run=True)
        with self.watch.time("stock_apply"):
            run_stock(self.stock_content, plan, dry_run=False)

    def _export(self, plan):
        for name, write, export, cells in (
            ("csv", write_csv, ours.export_csv, cells_of(plan)),
            ("xlsx", made_up.write_alone, ours.export_xlsx, made_up.read_alone(ours.export_xlsx(plan))),
        ):
            with self.watch.time(f"{name}_floor"):
                write(cells)
            with self.watch.time(name):
                export(plan)

    def _change(self, plan):
        source = ours.keep(made_up.with_other_titles(ours.export_xlsx(plan)), plan, self.person)
        with self.watch.time("change_check"):
            ours.check(source)
        with self.watch.time("change_apply"):
            ours.apply(source, self.person)


def new_plan(name):
    """Answer a new plan without activities."""
    place = Plan.objects.count() + 1
    return Plan.objects.create(slug=f"{name}-{place}", name=f"Plan {place}", short_name=name, is_published=True)


def cells_of(plan):
    """Answer the rows of a plan's CSV export, as lists of texts."""
    text = b"".join(ours.csv_of(plan)).decode("utf-8-sig")
    return list(csv.reader(StringIO(text, newline="")))


def admin():
    """Answer the programme admin whose imports are measured."""
    return User.objects.filter(email=ADMIN).first() or User.objects.create_superuser(ADMIN)
