"""What log lines look like and where they go: standard error, one line for each event."""

import logging
import re
from contextvars import ContextVar

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

MOMENT = "%Y-%m-%dT%H:%M:%S%z"
# The number of the request that is being answered; None outside of requests.
REQUEST_ID = ContextVar("request_id", default=None)
# What lets in whoever has it: links that set a password, links that update without signing in (and that say "This was
# not me"), calendar feeds and links that end mail. An account's list of its feeds is at /account/feeds/.
KEY = re.compile(r"((?:/reset/key|/u|/not-me|(?<!/account)/feeds|/unsubscribe)/)[^/\s?\"']+")
# What people search for; gunicorn names whole addresses when something breaks.
QUERY = re.compile(r"(?<=[^\s?])\?[^\s?]\S*")
# Where the database tells what is in the row that it refused.
ROW = re.compile(r"^(DETAIL|CONTEXT|LINE \d+):.*?(?=^\s*$|^Traceback|^The above|^During|\Z)", re.MULTILINE | re.DOTALL)


def configuration(environment):
    """Return the logging configuration for an `Environment`, as `logging.config.dictConfig` takes it.

    A JSON line keeps its traceback inside. The site and its web server write alike.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"discretion": {"()": "rocc.logs.Discretion"}},
        "formatters": {
            "json": {
                "()": "rocc.logs.JsonLines",
                "format": "{asctime}{levelname}{name}{request_id}{message}",
                "datefmt": MOMENT,
                "style": "{",
                # An address with its query, which may hold what somebody typed.
                "reserved_attrs": [*RESERVED_ATTRS, "request"],
                "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
            },
            "text": {
                "()": "rocc.logs.TextLines",
                "format": "{asctime} {levelname} {name} [{request_id}]: {message}",
                "datefmt": MOMENT,
                "style": "{",
            },
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": environment.log_format,
                "filters": ["discretion"],
            }
        },
        "root": {"handlers": ["stderr"], "level": environment.log_level},
        "loggers": {
            "django": {"handlers": [], "level": environment.log_level, "propagate": True},
            "gunicorn.error": {"handlers": [], "level": environment.log_level, "propagate": True},
            "rocc.access": {"handlers": [], "level": "INFO", "propagate": True},
        },
    }


def without_key(text):
    """Return `text` without what lets in whoever has it: the secret part of links that ask nobody to sign in."""
    return KEY.sub(r"\1-", text)


class Discretion(logging.Filter):
    """Puts the number of the request on each line, "-" outside of requests, and takes from it what is not for a log."""

    def filter(self, record):
        """Take every line."""
        record.request_id = REQUEST_ID.get() or "-"
        if any(isinstance(one, str) and _tells_too_much(one) for one in (record.msg, *(record.args or ()))):
            record.msg, record.args = QUERY.sub("?-", without_key(record.getMessage())), ()
        return True


def _tells_too_much(text):
    return "?" in text or KEY.search(text) is not None


class _WithoutRows:
    """Leaves out of tracebacks what the database quotes from people's rows, and addresses that let people in."""

    def formatException(self, ei):  # noqa: N802 - the name is logging's
        return without_key(ROW.sub(r"\1: left out, since it quotes the row\n", super().formatException(ei)))


class TextLines(_WithoutRows, logging.Formatter):
    """Lines for a person's eyes."""


class JsonLines(_WithoutRows, JsonFormatter):
    """Lines for machines."""
