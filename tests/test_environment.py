"""What the environment says, and what is answered when it cannot be right."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from rocc import environment, machine, mail_server, secret_key
from rocc.environment import BASE_DIR, WrongEnvironment, read

KEY = "q7Rk2Vw9Xy4Zt1Bn8Mc5Lp3Hs6Jd0Fg-Ae_Uo7Ti2Yw9Qz4Nx1Cv"
NAMES = [field.name.upper() for field in dataclasses.fields(environment.Environment)]
NAMES += [f"ROCC_IMPORT_{name.upper()}" for name in environment.IMPORT_LIMITS]
NAMES += [f"ROCC_IMPORT_{name.upper()}" for name in environment.IMPORT_KEEPING]
NAMES += [
    "ROCC_FAST",
    "ROCC_HTTPS",
    "ROCC_OPEN_READING",
    "ROCC_SITE_URL",
    "ROCC_SSO",
    "ROCC_PASSWORDS",
    "ROCC_BREAK_GLASS",
]
NAMES += ["DATABASE_URL", "EMAIL_URL", "FORWARDED_ALLOW_IPS"]
MAKE_A_KEY = "Let `make run` write var/secret_key, or set SECRET_KEY to 50 random characters or more."
EXAMPLE_DATABASE = "Write sqlite:////srv/rocc/rocc.sqlite3 or postgres://user:password@host:5432/name."


@pytest.fixture
def environ(monkeypatch, tmp_path):
    """An environment that says nothing but a good SECRET_KEY, and a var/ without one."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SECRET_KEY", KEY)
    monkeypatch.setattr(environment, "SECRET_KEY_FILE", tmp_path / "secret_key")
    return monkeypatch


def test_environment_has_safe_defaults(environ):
    found = read()

    assert (found.debug, found.https, found.open_reading, found.fast) == (False, True, False, True)
    assert found.site_url == ""
    assert found.allowed_hosts == ["localhost", "127.0.0.1", "[::1]"]
    assert found.csrf_trusted_origins == found.secret_key_fallbacks == []
    assert found.email_reply_to == ""
    assert found.database["NAME"] == str(BASE_DIR / "var" / "rocc.sqlite3")
    assert found.email["EMAIL_BACKEND"] == "django.core.mail.backends.console.EmailBackend"
    assert (found.log_level, found.log_format, found.port) == ("INFO", "json", 8000)
    assert found.web_concurrency == machine.workers()
    assert found.import_limits == {name: int(text) for name, text in environment.IMPORT_LIMITS.items()}
    assert found.import_keeping == {"quota_mb": 1000, "keep_days": 30}


def test_environment_reads_every_value(environ, tmp_path):
    environ.setenv("SECRET_KEY_FALLBACKS", f"{KEY[::-1]}, {KEY}x")
    environ.setenv("DEBUG", "True")
    environ.setenv("ROCC_HTTPS", "off")
    environ.setenv("ROCC_OPEN_READING", "1")
    environ.setenv("ROCC_FAST", "off")
    environ.setenv("ROCC_SITE_URL", "https://tracker.example.govt.nz/")
    environ.setenv("ALLOWED_HOSTS", "tracker.example.govt.nz, .example.govt.nz,[::1],10.0.0.1")
    environ.setenv("CSRF_TRUSTED_ORIGINS", "https://tracker.example.govt.nz,https://*.example.govt.nz:8443")
    environ.setenv("EMAIL_URL", "submission://user:p%40ss@mail.example.govt.nz")
    environ.setenv("DEFAULT_FROM_EMAIL", "Tracker <tracker@example.govt.nz>")
    environ.setenv("EMAIL_REPLY_TO", "Programme <programme@example.govt.nz>")
    environ.setenv("LOG_LEVEL", "warning")
    environ.setenv("LOG_FORMAT", "text")
    environ.setenv("PORT", "8001")
    environ.setenv("WEB_CONCURRENCY", "3")

    found = read()

    assert found.site_url == "https://tracker.example.govt.nz"
    assert found.secret_key == KEY
    assert found.secret_key_fallbacks == [KEY[::-1], f"{KEY}x"]
    assert (found.debug, found.https, found.open_reading, found.fast) == (True, False, True, False)
    assert found.allowed_hosts == ["tracker.example.govt.nz", ".example.govt.nz", "[::1]", "10.0.0.1"]
    assert found.csrf_trusted_origins == ["https://tracker.example.govt.nz", "https://*.example.govt.nz:8443"]
    assert (found.email["EMAIL_HOST"], found.email["EMAIL_PORT"]) == ("mail.example.govt.nz", 587)
    assert (found.email["EMAIL_HOST_PASSWORD"], found.email["EMAIL_USE_TLS"]) == ("p@ss", True)
    assert found.default_from_email == "Tracker <tracker@example.govt.nz>"
    assert found.email_reply_to == "Programme <programme@example.govt.nz>"
    assert (found.log_level, found.log_format, found.port, found.web_concurrency) == ("WARNING", "text", 8001, 3)


def test_database_url_for_sqlite_waits_for_its_turn_and_logs_ahead(environ, tmp_path):
    environ.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/plan.sqlite3")

    database = read().database

    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert database["NAME"] == f"{tmp_path}/plan.sqlite3"
    assert database["OPTIONS"] == {
        "transaction_mode": "IMMEDIATE",
        "timeout": 10,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
    assert database["CONN_MAX_AGE"] == 60


def test_database_url_for_sqlite_is_relative_to_the_project_not_to_where_one_stands(environ, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    environ.setenv("DATABASE_URL", "sqlite:///fixtures/plan.sqlite3")

    assert read().database["NAME"] == str(BASE_DIR / "fixtures" / "plan.sqlite3")


@pytest.mark.parametrize(
    ("value", "networks"),
    [
        (None, ["127.0.0.1/32", "::1/128"]),
        ("10.0.0.5, 10.1.0.0/16", ["10.0.0.5/32", "10.1.0.0/16"]),
        ("*", ["0.0.0.0/0", "::/0"]),
        ("", []),
    ],
)
def test_forwarded_allow_ips_names_the_web_servers_that_are_believed(environ, value, networks):
    if value is not None:
        environ.setenv("FORWARDED_ALLOW_IPS", value)

    assert [str(network) for network in read().trusted_proxies] == networks


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_database_url_for_postgresql_keeps_connections_and_checks_them(environ, scheme):
    environ.setenv("DATABASE_URL", f"{scheme}://rocc:p%2Fw@db.example.govt.nz:5433/plans?sslmode=require")

    database = read().database

    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example.govt.nz", 5433, "plans")
    assert (database["USER"], database["PASSWORD"]) == ("rocc", "p/w")
    assert (database["CONN_MAX_AGE"], database["CONN_HEALTH_CHECKS"]) == (600, True)
    assert database["OPTIONS"] == {
        "application_name": "rocc",
        "connect_timeout": 5,
        "prepare_threshold": 1,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 2,
        "tcp_user_timeout": 20_000,
        "sslmode": "require",
    }


SMTP = {
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "EMAIL_FILE_PATH": "",
    "EMAIL_HOST": "mail.example",
    "EMAIL_PORT": None,
    "EMAIL_HOST_USER": None,
    "EMAIL_HOST_PASSWORD": None,
    "EMAIL_USE_SSL": False,
    "EMAIL_USE_TLS": False,
    "EMAIL_TIMEOUT": 10,
}
LOCAL = {**SMTP, "EMAIL_HOST": None}


@pytest.mark.parametrize(
    ("url", "email"),
    [
        ("smtp://", {**SMTP, "EMAIL_HOST": "localhost", "EMAIL_PORT": 25}),
        ("smtp://[::1]:2525", {**SMTP, "EMAIL_HOST": "::1", "EMAIL_PORT": 2525}),
        ("smtp://mail.example?tls=True", {**SMTP, "EMAIL_PORT": 25, "EMAIL_USE_TLS": True}),
        ("smtp://mail.example?ssl=no&tls=1", {**SMTP, "EMAIL_PORT": 25}),
        ("submission://mail.example", {**SMTP, "EMAIL_PORT": 587, "EMAIL_USE_TLS": True}),
        ("submission://mail.example:465?ssl=1", {**SMTP, "EMAIL_PORT": 465, "EMAIL_USE_SSL": True}),
        (
            "submission://us%40er:p%2Fw@mail.example?timeout=30",
            {
                **SMTP,
                "EMAIL_PORT": 587,
                "EMAIL_USE_TLS": True,
                "EMAIL_HOST_USER": "us@er",
                "EMAIL_HOST_PASSWORD": "p/w",
                "EMAIL_TIMEOUT": 30,
            },
        ),
        ("console://", {**LOCAL, "EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}),
        ("dummy://", {**LOCAL, "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}),
        ("memory://", {**LOCAL, "EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend"}),
        (
            "file:////srv/mail",
            {
                **LOCAL,
                "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
                "EMAIL_FILE_PATH": "/srv/mail",
            },
        ),
        (
            "console://?_server_email=a@b.example&_default_from_email=c@d.example",
            {
                **LOCAL,
                "EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend",
                "SERVER_EMAIL": "a@b.example",
                "DEFAULT_FROM_EMAIL": "c@d.example",
            },
        ),
    ],
)
def test_email_url_says_every_setting_of_mail(environ, url, email):
    environ.setenv("EMAIL_URL", url)
    assert read().email == email


@pytest.mark.parametrize(
    ("url", "mailer"),
    [
        ("console://", {"BACKEND": "django.core.mail.backends.console.EmailBackend", "OPTIONS": {}}),
        (
            "file:////srv/mail",
            {"BACKEND": "django.core.mail.backends.filebased.EmailBackend", "OPTIONS": {"file_path": "/srv/mail"}},
        ),
        (
            "submission://user:p%2Fw@mail.example?timeout=10",
            {
                "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
                "OPTIONS": {
                    "host": "mail.example",
                    "port": 587,
                    "username": "user",
                    "password": "p/w",
                    "use_tls": True,
                    "use_ssl": False,
                    "timeout": 10,
                },
            },
        ),
    ],
)
def test_email_url_is_a_mailer_from_django_6_1_on(url, mailer):
    found = mail_server.settings_from(f"{url}{'&' if '?' in url else '?'}_server_email=a@b.example")

    assert mail_server.as_this_django_wants(found, version=(5, 2, 19)) == found
    assert mail_server.as_this_django_wants(found, version=(6, 1, 0)) == {
        "MAILERS": {"default": mailer},
        "SERVER_EMAIL": "a@b.example",
    }


@pytest.mark.parametrize(
    ("hosts", "host", "port"),
    [
        ("h1:5432,h2:5433", "h1,h2", "5432,5433"),
        ("h1,h2", "h1,h2", "5432,5432"),
        ("[::1]:5433,db-2.example.govt.nz", "::1,db-2.example.govt.nz", "5433,5432"),
    ],
)
@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("", {"target_session_attrs": "read-write"}),
        ("?sslmode=require", {"target_session_attrs": "read-write", "sslmode": "require"}),
        ("?target_session_attrs=any", {"target_session_attrs": "any"}),
    ],
)
def test_database_url_may_name_several_hosts(environ, hosts, host, port, query, options):
    environ.setenv("DATABASE_URL", f"postgres://rocc:p%2Fw@{hosts}/plans{query}")

    database = read().database

    assert (database["HOST"], database["PORT"], database["NAME"]) == (host, port, "plans")
    assert (database["USER"], database["PASSWORD"]) == ("rocc", "p/w")
    assert options.items() <= database["OPTIONS"].items()
    # As the library of PostgreSQL takes it.
    assert make_conninfo(host=database["HOST"], port=database["PORT"], dbname="plans", **options)


def test_database_url_may_name_its_hosts_in_the_query(environ):
    environ.setenv(
        "DATABASE_URL", "postgres://rocc:pw@/plans?host=h1,h2&port=5432,5433&target_session_attrs=read-write"
    )

    options = read().database["OPTIONS"]

    named = {"host": "h1,h2", "port": "5432,5433", "target_session_attrs": "read-write"}
    assert named.items() <= options.items()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        *(
            (
                "DATABASE_URL",
                f"postgres://u:p@{hosts}/n",
                f"cannot be read; write signs in the password as %XX. {EXAMPLE_DATABASE}",
            )
            for hosts in ("h1:5432,,h2", "h1,h2:many", "h1,[::1")
        ),
        ("SECRET_KEY", "", f"is not set, and there is no var/secret_key that can be read. {MAKE_A_KEY}"),
        ("SECRET_KEY", "short", f"is too easy to guess. {MAKE_A_KEY}"),
        ("SECRET_KEY", "ab" * 40, f"is too easy to guess. {MAKE_A_KEY}"),
        ("SECRET_KEY", f"django-insecure-{KEY}", f"is too easy to guess. {MAKE_A_KEY}"),
        ("SECRET_KEY_FALLBACKS", f"{KEY},short", f"is too easy to guess. {MAKE_A_KEY}"),
        ("DEBUG", "maybe", "'maybe' is neither true nor false. Write true or false."),
        ("FORWARDED_ALLOW_IPS", "127.0.0.1,proxy", "'proxy' is not a network address. Write it like 10.0.0.5."),
        ("ROCC_HTTPS", "", "'' is neither true nor false. Write true or false."),
        ("ROCC_OPEN_READING", "2", "'2' is neither true nor false. Write true or false."),
        *(
            (
                "ROCC_SITE_URL",
                value,
                f"'{value}' is not the address of a site. Write it without a path: https://tracker.example.govt.nz.",
            )
            for value in ("tracker.example.govt.nz", "https://tracker.example.govt.nz/plans/", "https://u@a.example")
        ),
        ("ALLOWED_HOSTS", " , ", "is empty. List the names of the site, for example tracker.example.govt.nz."),
        (
            "ALLOWED_HOSTS",
            "a.example,*",
            "'*' would let a forged name into the links we send. List the names of the site instead.",
        ),
        (
            "ALLOWED_HOSTS",
            "https://a.example/",
            "'https://a.example/' is not a host name. Leave out https://, port and path: tracker.example.govt.nz.",
        ),
        (
            "CSRF_TRUSTED_ORIGINS",
            "tracker.example.govt.nz",
            "'tracker.example.govt.nz' is not an origin. Write it like https://tracker.example.govt.nz.",
        ),
        (
            "CSRF_TRUSTED_ORIGINS",
            "https://a.example/",
            "'https://a.example/' is not an origin. Write it like https://tracker.example.govt.nz.",
        ),
        (
            "CSRF_TRUSTED_ORIGINS",
            "https://[half",
            "'https://[half' is not an origin. Write it like https://tracker.example.govt.nz.",
        ),
        ("DATABASE_URL", "mysql://h/n", f"'mysql' is not a database that the tracker knows. {EXAMPLE_DATABASE}"),
        ("DATABASE_URL", "nonsense", f"'nonsense' is not a database that the tracker knows. {EXAMPLE_DATABASE}"),
        (
            "DATABASE_URL",
            "postgres://u:p[w@h/n",
            f"cannot be read; write signs in the password as %XX. {EXAMPLE_DATABASE}",
        ),
        (
            "DATABASE_URL",
            "postgres://u:p@h:99999/n",
            f"cannot be read; write signs in the password as %XX. {EXAMPLE_DATABASE}",
        ),
        ("DATABASE_URL", "postgres://u:p@h", f"names no database. {EXAMPLE_DATABASE}"),
        (
            "DATABASE_URL",
            "sqlite:////nowhere/at/all.sqlite3",
            "there is no folder /nowhere/at. Make it, or name a file in a folder that exists.",
        ),
        (
            "EMAIL_URL",
            "pigeon://loft",
            (
                "'pigeon' is not a way to send email. Write submission://user:password@host:587, "
                "or console:// to print it."
            ),
        ),
        ("EMAIL_URL", "smtp://host:mail", "cannot be read. Write submission://user:password@host:587."),
        ("EMAIL_URL", "smtp://host:70000", "cannot be read. Write submission://user:password@host:587."),
        ("EMAIL_URL", "smtp://host?timeout=soon", "cannot be read. Write submission://user:password@host:587."),
        (
            "EMAIL_REPLY_TO",
            "a@b.example\nBcc: c@d.example",
            "'a@b.example\\nBcc: c@d.example' is not a sender. Write Tracker <tracker@example.govt.nz>.",
        ),
        (
            "DEFAULT_FROM_EMAIL",
            "Tracker <tracker>",
            "'Tracker <tracker>' is not a sender. Write Tracker <tracker@example.govt.nz>.",
        ),
        (
            "DEFAULT_FROM_EMAIL",
            "a@b.example\nBcc: c@d.example",
            "'a@b.example\\nBcc: c@d.example' is not a sender. Write Tracker <tracker@example.govt.nz>.",
        ),
        (
            "DEFAULT_FROM_EMAIL",
            "A\nBcc: x <a@b.example>",
            "'A\\nBcc: x <a@b.example>' is not a sender. Write Tracker <tracker@example.govt.nz>.",
        ),
        ("LOG_LEVEL", "loud", "'LOUD' is unknown. Choose one of DEBUG, INFO, WARNING, ERROR, CRITICAL."),
        ("LOG_FORMAT", "xml", "'xml' is unknown. Choose one of json, text."),
        ("PORT", "http", "'http' is not a whole number from 1 to 65535."),
        ("PORT", "0", "'0' is not a whole number from 1 to 65535."),
        ("PORT", "70000", "'70000' is not a whole number from 1 to 65535."),
        ("WEB_CONCURRENCY", "2.5", "'2.5' is not a whole number from 1 to 64."),
    ],
)
def test_wrong_value_is_named_with_how_to_mend_it(environ, name, value, sentence):
    environ.setenv(name, value)

    with pytest.raises(WrongEnvironment) as wrong:
        read()

    assert str(wrong.value) == f"{name}: {sentence}"


def test_wrong_values_are_named_all_at_once(environ):
    environ.setenv("DEBUG", "maybe")
    environ.setenv("PORT", "-1")
    environ.setenv("ROCC_OPEN_READNG", "true")
    environ.setenv("ROCC_QWERTYUIOP", "1")

    with pytest.raises(WrongEnvironment) as wrong:
        read()

    assert str(wrong.value).splitlines() == [
        "DEBUG: 'maybe' is neither true nor false. Write true or false.",
        "PORT: '-1' is not a whole number from 1 to 65535.",
        "ROCC_OPEN_READNG: there is no such setting. Did you mean ROCC_OPEN_READING?",
        f"ROCC_QWERTYUIOP: there is no such setting. The names are {', '.join(environment.OWN_NAMES)}.",
    ]


def test_wrong_database_url_does_not_print_the_password(environ):
    environ.setenv("DATABASE_URL", "postgres://u:hunter[2@h/n")

    with pytest.raises(WrongEnvironment) as wrong:
        read()

    assert "hunter" not in str(wrong.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [["manage.py", "check"], ["-m", "gunicorn", "--check-config", "rocc.wsgi"], ["-c", "import rocc.wsgi"]]
)
def test_wrong_value_ends_the_start_with_one_line(command):
    started = subprocess.run(
        [sys.executable, *command],
        cwd=BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "rocc.settings", "SECRET_KEY": KEY, "DEBUG": "maybe"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert started.returncode == 1
    assert started.stderr == "DEBUG: 'maybe' is neither true nor false. Write true or false.\n"


def test_secret_key_is_made_once_for_its_owner_only(environ, tmp_path):
    environ.delenv("SECRET_KEY")
    path = tmp_path / "var" / "secret_key"
    environ.setattr(environment, "SECRET_KEY_FILE", path)

    secret_key.ensure(path)
    first = path.read_text()
    secret_key.ensure(path)

    assert path.read_text() == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in path.parent.iterdir()] == ["secret_key"]
    assert read().secret_key == first.strip()


def test_secret_key_made_by_another_start_at_the_same_moment_is_kept(tmp_path, monkeypatch):
    path = tmp_path / "secret_key"
    path.write_text("theirs")
    monkeypatch.setattr(Path, "exists", lambda self: False)

    secret_key.ensure(path)

    assert path.read_text() == "theirs"
