"""How the history of an activity is told."""

from django import template

from plans.summaries.record import moment_in_words

register = template.Library()

register.filter("moment", moment_in_words)
