"""What the environment says: the only place that reads it.

A wrong value is never guessed at. All wrong values are found in one go, and each gets a line that a person can act on.
"""

import os
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from environs import Env, EnvValidationError

from rocc import machine, single_sign_on, values

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
SECRET_KEY_FILE = VAR_DIR / "secret_key"
IMPORT_LIMITS = {
    "max_mb": "20",
    "max_unpacked_mb": "150",
    "max_rows": "50000",
    "max_columns": "200",
    "max_cells": "1000000",
    "max_text": "131072",
    "max_ranges": "50000",
    "max_seconds": "60",
    "max_memory_mb": "300",
}
"""How large a spreadsheet may be that somebody brings, and what opening it may cost: {name: default}."""
IMPORT_KEEPING = {"quota_mb": "1000", "keep_days": "30"}
"""How much the files of a plan may take up, and when those that were refused or discarded may go: {name: default}."""

OWN_NAMES = (
    *("ROCC_HTTPS", "ROCC_OPEN_READING", "ROCC_SITE_URL", "ROCC_DEMO", "ROCC_FAST"),
    "ROCC_UPDATE_LINKS",
    *("ROCC_SSO", "ROCC_PASSWORDS", "ROCC_BREAK_GLASS"),
    "ROCC_MFA",
    *(f"ROCC_IMPORT_{name.upper()}" for name in (*IMPORT_LIMITS, *IMPORT_KEEPING)),
)


class WrongEnvironment(Exception):
    """The environment holds values that the tracker cannot start with; its text has one line for each."""


@dataclass(frozen=True)
class Environment:
    """The settings that differ from one installation to the next; README.md has a row for each."""

    secret_key: str
    secret_key_fallbacks: list[str]
    debug: bool
    https: bool
    open_reading: bool
    update_links: bool
    sign_in_providers: list[single_sign_on.SignInProvider]
    passwords: bool
    break_glass: str
    mfa: str
    fast: bool
    demo: bool
    site_url: str
    import_limits: dict[str, int]
    import_keeping: dict[str, int]
    allowed_hosts: list[str]
    csrf_trusted_origins: list[str]
    database: dict
    email: dict
    default_from_email: str
    email_reply_to: str
    log_level: str
    log_format: str
    port: int
    web_concurrency: int
    trusted_proxies: list


def read():
    """Return the `Environment`. Raises `WrongEnvironment`, naming every wrong value at once."""
    env = _env()
    found = {
        "secret_key": env.secret_key("SECRET_KEY", _kept_secret_key()),
        "secret_key_fallbacks": env.secret_keys("SECRET_KEY_FALLBACKS", ""),
        "debug": env.switch("DEBUG", "false"),
        "https": env.switch("ROCC_HTTPS", "true"),
        "open_reading": env.switch("ROCC_OPEN_READING", "false"),
        "update_links": env.switch("ROCC_UPDATE_LINKS", "true"),
        "sign_in_providers": env.providers("ROCC_SSO", ""),
        "passwords": env.switch("ROCC_PASSWORDS", "true"),
        "break_glass": env.break_glass("ROCC_BREAK_GLASS", ""),
        "mfa": env.second_step("ROCC_MFA", "offered"),
        "fast": env.switch("ROCC_FAST", "true"),
        "demo": env.switch("ROCC_DEMO", "false"),
        "site_url": env.site_url("ROCC_SITE_URL", ""),
        "import_limits": {
            name: env.import_limit(f"ROCC_IMPORT_{name.upper()}", default) for name, default in IMPORT_LIMITS.items()
        },
        "import_keeping": {
            name: env.import_limit(f"ROCC_IMPORT_{name.upper()}", default) for name, default in IMPORT_KEEPING.items()
        },
        "allowed_hosts": env.hosts("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]"),
        "csrf_trusted_origins": env.origins("CSRF_TRUSTED_ORIGINS", ""),
        "database": env.database("DATABASE_URL", ""),
        "email": env.email_server("EMAIL_URL", "console://"),
        "default_from_email": env.sender("DEFAULT_FROM_EMAIL", "Action plan tracker <tracker@localhost>"),
        "email_reply_to": env.reply_to("EMAIL_REPLY_TO", ""),
        "log_level": env.level("LOG_LEVEL", "INFO"),
        "log_format": env.log_format("LOG_FORMAT", "json"),
        "port": env.port("PORT", "8000"),
        "web_concurrency": env.workers("WEB_CONCURRENCY", str(machine.workers())),
        # gunicorn reads it by itself, for X-Forwarded-Proto.
        "trusted_proxies": env.networks("FORWARDED_ALLOW_IPS", "127.0.0.1,::1"),
    }
    try:
        env.seal()
        wrong = {}
    except EnvValidationError as error:
        wrong = error.error_messages
    lines = [f"{name}: {message}" for name, messages in wrong.items() for message in messages] + _unknown_names()
    if found["passwords"] is False and found["sign_in_providers"] == []:
        lines.append("ROCC_PASSWORDS: off, and ROCC_SSO names no provider. No one could sign in. Set ROCC_SSO first.")
    if lines:
        raise WrongEnvironment("\n".join(lines))
    return Environment(**found)


def _env():
    env = Env(eager=False)
    for parser in (
        values.secret_key,
        values.secret_keys,
        values.switch,
        values.second_step,
        values.hosts,
        values.origins,
        values.site_url,
        values.email_server,
        values.sender,
        values.reply_to,
        values.level,
        values.log_format,
        values.port,
        values.workers,
        values.networks,
        values.break_glass,
        single_sign_on.providers,
        values.import_limit,
    ):
        env.add_parser(parser.__name__, parser)
    env.add_parser("database", lambda url: values.database(url, base_dir=BASE_DIR, default=VAR_DIR / _database_file()))
    return env


def _database_file():
    """Return the SQLite file of a site that names no database; a demo has one of its own."""
    is_demo = values.SWITCHES.get(os.environ.get("ROCC_DEMO", "").strip().lower())
    return "demo.sqlite3" if is_demo else "rocc.sqlite3"


def _kept_secret_key():
    try:
        return SECRET_KEY_FILE.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _unknown_names():
    lines = []
    for name in sorted(os.environ):
        if name.startswith("ROCC_") and name not in OWN_NAMES:
            near = get_close_matches(name, OWN_NAMES, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"The names are {', '.join(OWN_NAMES)}."
            lines.append(f"{name}: there is no such setting. {hint}")
    return lines
