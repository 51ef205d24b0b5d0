"""What log lines look like and where they go: standard error, one line for each event."""

MOMENT = "%Y-%m-%dT%H:%M:%S%z"


def configuration(environment):
    """Answer the logging configuration for an `Environment`, as `logging.config.dictConfig` takes it.

    A JSON line keeps its traceback inside. The site and its web server write alike.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "format": "{asctime}{levelname}{name}{message}",
                "datefmt": MOMENT,
                "style": "{",
                "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
            },
            "text": {"format": "{asctime} {levelname} {name}: {message}", "datefmt": MOMENT, "style": "{"},
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": environment.log_format}},
        "root": {"handlers": ["stderr"], "level": environment.log_level},
        "loggers": {
            "django": {"handlers": [], "level": environment.log_level, "propagate": True},
            "gunicorn.error": {"handlers": [], "level": environment.log_level, "propagate": True},
            "gunicorn.access": {"handlers": [], "level": "INFO", "propagate": True},
        },
    }
