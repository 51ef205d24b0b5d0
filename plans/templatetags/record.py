"""How the history of an activity is told."""

from django import template

from plans.summaries.record import moment_in_words, short_moment_in_words

register = template.Library()

register.filter("moment", moment_in_words)
register.filter("short_moment", short_moment_in_words)
