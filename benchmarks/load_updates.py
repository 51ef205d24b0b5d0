"""How an updater of the load run signs in and reports: by the pages that people use, token and all."""

import re
from urllib.parse import urlencode

from benchmarks.client import Connection
from benchmarks.pages import expect

SIGN_IN = "/accounts/login/"
HIDDEN = re.compile(r'<input type="hidden" name="(csrfmiddlewaretoken|seen)" value="([^"]*)"')
ACTIVITIES_EACH = 12


def sign_in(address, email, password):
    """Answer a connection of that person, signed in. Raises `RuntimeError` when the site refuses."""
    connection = Connection(address)
    form = _hidden(expect(200, connection.get(SIGN_IN), SIGN_IN))
    form.update(login=email, password=password)
    expect(302, connection.post(SIGN_IN, urlencode(form).encode()), SIGN_IN)
    return connection


def report(connection, path, words):
    """Open the form for an update at `path`, send it with these words, and answer the status of the answer.

    Raises `ValueError` when there is no form.
    """
    answer = connection.get(path)
    form = _hidden(answer)
    if answer.status != 200 or "csrfmiddlewaretoken" not in form:
        raise ValueError(f"{path} has no form: {answer.status}")
    form.update(status="on_track", what_happened=words)
    return connection.post(path, urlencode(form).encode()).status


def led_numbers(database, slug):
    """Answer the activities that each updater reports on: {e-mail address: [number]}, few, so that reports cross."""
    rows = database.rows(f"""
        SELECT plans_user.email, substr(activity.number, 12) FROM plans_user
        JOIN plans_membership ON plans_membership.user_id = plans_user.id
        JOIN plans_activityagency link ON link.agency_id = plans_membership.agency_id AND link.role = 'lead'
        JOIN plans_activity activity ON activity.id = link.activity_id
        JOIN plans_plan plan ON plan.id = activity.plan_id AND plan.slug = '{slug}'
        ORDER BY activity.number""")
    numbers = {}
    for email, number in rows:
        numbers.setdefault(email, []).append(number)
    return {email: found[:ACTIVITIES_EACH] for email, found in numbers.items()}


def find_updates(database, mark):
    """Answer the updates with that mark that the database holds: {words: how many have them}."""
    return dict(
        database.rows(
            f"SELECT what_happened, count(*) FROM plans_statusupdate WHERE what_happened LIKE '{mark}: %'"
            " GROUP BY what_happened"
        )
    )


def _hidden(answer):
    return dict(HIDDEN.findall(answer.text))
