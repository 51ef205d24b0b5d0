"""Kills imports at random moments and looks at what is left; `benchmarks.kills` runs it on both engines.

`python -m benchmarks.killing COUNT SECONDS ROWS` works on the database at `DATABASE_URL`, which it fills, and prints an
object of JSON: how many kills left the plan as it was before, as it is after, and in between, which is to be none.
"""

import json
import os
import random
import signal
import sys
import time
from datetime import timedelta

import django
from django.db import connection, connections

FIRST_NUMBER = 1001
SERVER_SECONDS = 20
SEED = 20260701
HEADINGS = "Number,Strategic Focus Area,Priority Action Area,Activity,Description,Agency Lead,Status"


def main(count, seconds, rows):
    """Kill `count` imports of so many rows, for `seconds` at most, and print what was found."""
    # Those of a test that runs this would name another database.
    os.environ["DJANGO_SETTINGS_MODULE"] = "rocc.settings"
    django.setup()
    site = _Site(rows)
    site.fill()
    chance, until = random.Random(SEED), time.monotonic() + seconds
    found = {"before": 0, "after": 0, "between": 0, "kills_by_tenth": [0] * 15, "apply_seconds": site.apply_seconds}
    while found["before"] + found["after"] + found["between"] < count and time.monotonic() < until:
        # Half as long again as it takes, so that some come just after its end.
        share = chance.uniform(0, 1.5)
        found["kills_by_tenth"][int(share * 10)] += 1
        found[site.kill_one(share * site.apply_seconds)] += 1
    print(json.dumps(found))


class _Site:
    """The plan that is imported into again and again, each time with other values in every cell."""

    def __init__(self, rows):
        from django.core.management import call_command  # noqa: PLC0415 - only once Django is set up

        from plans.models import Plan, User  # noqa: PLC0415

        call_command("migrate", verbosity=0)
        if not Plan.objects.exists():
            call_command("loaddata", "year_two", verbosity=0)
        self.plan, self.round, self.rows = Plan.objects.get(slug="year-two"), 0, rows
        self.by = User.objects.create_superuser(f"killer-{os.getpid()}@localhost")

    def fill(self):
        """Make the activities, and measure how long an import takes that nobody kills."""
        times = []
        for _ in range(3):
            source = self._checked()
            started = time.perf_counter()
            os.waitpid(self._start(source), 0)
            times.append(time.perf_counter() - started)
            source.refresh_from_db()
            assert source.state == "applied", source.problem
        self.apply_seconds = round(times[-1], 3)

    def kill_one(self, delay):
        """Have a process import a file, kill it after `delay` seconds, and answer how it left the plan."""
        source = self._checked()
        before = self._snapshot()
        pid = self._start(source)
        time.sleep(delay)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        self._wait_for_the_server()
        return self._judge(source, before)

    def _start(self, source):
        """Start a process that imports it, with a connection of its own; answer its id."""
        from plans.spreadsheets.importing import workflow  # noqa: PLC0415

        connections.close_all()
        pid = os.fork()
        if pid == 0:
            try:
                workflow.run_apply(source, self.by)
            finally:
                os._exit(0)
        return pid

    def _wait_for_the_server(self):
        """Wait until PostgreSQL has seen that the process is gone, and has ended what it was at."""
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        until = time.monotonic() + SERVER_SECONDS
        while connection.vendor == "postgresql":
            assert time.monotonic() < until, "The server does not see that the process is gone."
            with connection.cursor() as cursor:
                cursor.execute(f"{others} AND backend_type = 'client backend'")
                if cursor.fetchone()[0] == 0:
                    return
            time.sleep(0.01)

    def _checked(self):
        from plans.spreadsheets.importing import workflow  # noqa: PLC0415
        from plans.spreadsheets.importing.outcome import THEIRS, Options  # noqa: PLC0415
        from plans.spreadsheets.importing.questions import AGENCIES, ITEMS  # noqa: PLC0415

        self.round += 1
        lines = [HEADINGS, *(self._line(number) for number in range(FIRST_NUMBER, FIRST_NUMBER + self.rows))]
        content = "\n".join(lines).encode()
        # Each file takes agencies and sub-activities of the one before away, which it is asked about.
        options = Options(answers=dict.fromkeys((ITEMS, AGENCIES), THEIRS))
        source = workflow.keep_file(self.plan, content, "kills.csv", by=self.by, scope="plan", options=options)
        workflow.run_check(source)
        assert source.state == "checked", source.problem
        return source

    def _line(self, number):
        lead, status = (("Police; MSD", "On track"), ("MSD; APA", "At risk"))[self.round % 2]
        words = f"Words of round {self.round}\n• Item {self.round} of {number}\n• A second one"
        return f'{number},SUPPLY,P1,Round {self.round} of {number},"{words}",{lead},{status}'

    def _judge(self, source, before):
        from plans.models import Import  # noqa: PLC0415
        from plans.spreadsheets.importing import jobs, workflow  # noqa: PLC0415

        source.refresh_from_db()
        if source.state == "applied":
            return "after" if self._is_whole(source) else "between"
        verdict = "before" if source.state in ("checked", "applying") and self._snapshot() == before else "between"
        # Whoever looks next puts it right, and the same import then goes through.
        if source.state == "applying":
            Import.objects.filter(pk=source.pk).update(beat_at=source.beat_at - timedelta(minutes=1))
            source.refresh_from_db()
            assert jobs.is_stalled(source)
            source.refresh_from_db()
        workflow.run_apply(source, self.by)
        return verdict if source.state == "applied" and self._is_whole(source) else "between"

    def _is_whole(self, source):
        """Whether everything that the file says is there, once: values, parts, history, updates and the receipt."""
        from plans.models import Activity, ActivityAgency, StatusUpdate, SubActivity  # noqa: PLC0415

        made = Activity.objects.filter(plan=self.plan, number__gte=FIRST_NUMBER)
        counts = source.counts
        return (
            made.filter(
                title__startswith=f"Round {self.round} of ", description=f"Words of round {self.round}"
            ).count(),
            SubActivity.objects.in_force().filter(activity__in=made).count(),
            ActivityAgency.objects.filter(activity__in=made).count(),
            Activity.history.filter(history_change_reason=str(source)).count(),
            StatusUpdate.objects.filter(what_happened=str(source)).count(),
            source.rows.exclude(after={}).count(),
            counts["created"] + counts["updated"],
        ) == (self.rows, 2 * self.rows, 2 * self.rows, *[self.rows] * 4)

    def _snapshot(self):
        """All that an import may touch, as it is now; of the history how much there is."""
        from plans.models import Activity, ActivityAgency, Agency, ImportRow, StatusUpdate, SubActivity  # noqa: PLC0415

        now = [list(model.objects.order_by("pk").values()) for model in (Activity, ActivityAgency, SubActivity)]
        history = [model.history.count() for model in (Activity, ActivityAgency, SubActivity)]
        rows = ImportRow.objects.that_count().exclude(after={}).count()
        return now, history, rows, StatusUpdate.objects.count(), Agency.objects.count()


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
