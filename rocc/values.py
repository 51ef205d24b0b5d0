"""How each value of the environment is read: text in, value out, or a sentence that says how to mend it."""

import re
from ipaddress import ip_network
from pathlib import Path

import dj_database_url
from django.core.exceptions import ValidationError as InvalidEmail
from django.core.validators import validate_email
from environs import ValidationError

from rocc import mail_server

MAKE_A_KEY = "Let `make run` write var/secret_key, or set SECRET_KEY to 50 random characters or more."
HOST = re.compile(r"\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]", re.IGNORECASE)
ORIGIN = re.compile(r"https?://(\*\.)?([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]+)?", re.IGNORECASE)
SITE = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?/?", re.IGNORECASE)
WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")
SENDER = re.compile(r"[^<>\r\n]*<([^<>]+)>|([^<>]+)")
SWITCHES = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
SECOND_STEPS = ("off", "offered", "required")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
FORMATS = ("json", "text")
SEVERAL_HOSTS = re.compile(r"(postgres(?:ql)?://(?:[^@/?#]*@)?)([^@/?#]*,[^@/?#]*)([/?#].*)?")
HOST_AND_PORT = re.compile(r"([A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\])(?::([0-9]{1,5}))?")
SQLITE_OPTIONS = {
    # A writer waits for its turn from the start, so two people who save at once both succeed.
    "transaction_mode": "IMMEDIATE",
    "timeout": 10,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
}


def switch(text):
    """Return whether `text` means yes."""
    if text.strip().lower() not in SWITCHES:
        raise ValidationError(f"{text!r} is neither true nor false. Write true or false.")
    return SWITCHES[text.strip().lower()]


def second_step(text):
    """Return whether a second step at sign-in is "off", "offered" to all or "required" of programme admins."""
    if text.strip().lower() not in SECOND_STEPS:
        raise ValidationError(f"{text!r} is not known. Write off, offered or required.")
    return text.strip().lower()


def secret_key(text):
    """Return the key that signs sessions, if it is long and varied enough to keep a guesser out."""
    if not text:
        raise ValidationError(f"is not set, and there is no var/secret_key that can be read. {MAKE_A_KEY}")
    if len(text) < 50 or len(set(text)) < 5 or text.startswith("django-insecure-"):
        raise ValidationError(f"is too easy to guess. {MAKE_A_KEY}")
    return text


def secret_keys(text):
    """Return earlier keys, separated by commas, which still open what they signed."""
    return [secret_key(key) for key in _items(text)]


def hosts(text):
    """Return the names by which the site may be called, separated by commas."""
    names = _items(text)
    if not names:
        raise ValidationError("is empty. List the names of the site, for example tracker.example.govt.nz.")
    for name in names:
        if name == "*":
            raise ValidationError(
                "'*' would let a forged name into the links we send. List the names of the site instead."
            )
        if not HOST.fullmatch(name):
            raise ValidationError(
                f"{name!r} is not a host name. Leave out https://, port and path: tracker.example.govt.nz."
            )
    return names


def origins(text):
    """Return other origins that may post forms to the site, separated by commas."""
    found = _items(text)
    for origin in found:
        if not ORIGIN.fullmatch(origin):
            raise ValidationError(f"{origin!r} is not an origin. Write it like https://tracker.example.govt.nz.")
    return found


def site_url(text):
    """Return the address of the site as people type it, without a slash at its end; blank where it is not said."""
    if text and not SITE.fullmatch(text.strip()):
        raise ValidationError(
            f"{text!r} is not the address of a site. Write it without a path: https://tracker.example.govt.nz."
        )
    return text.strip().rstrip("/")


def database(url, *, base_dir, default):
    """Return Django's settings for the database at `url`: PostgreSQL, or SQLite (blank: the file `default`)."""
    example = "Write sqlite:////srv/rocc/rocc.sqlite3 or postgres://user:password@host:5432/name."
    if not url:
        return _sqlite({"ENGINE": "django.db.backends.sqlite3", "NAME": str(default)})
    scheme = url.partition(":")[0]
    if scheme not in ("sqlite", "postgres", "postgresql"):
        raise ValidationError(f"{scheme!r} is not a database that the tracker knows. {example}")
    try:
        config = _parse(url)
    except (ValueError, dj_database_url.ParseError):
        raise ValidationError(f"cannot be read; write signs in the password as %XX. {example}") from None
    if not config["NAME"]:
        raise ValidationError(f"names no database. {example}")
    if scheme != "sqlite":
        return _postgres(config)
    if config["NAME"] != ":memory:":
        config["NAME"] = str(base_dir / config["NAME"])
        if not (folder := Path(config["NAME"]).parent).is_dir():
            raise ValidationError(f"there is no folder {folder}. Make it, or name a file in a folder that exists.")
    return _sqlite(config)


def email_server(url):
    """Return Django's email settings for `url`, such as submission://user:password@host."""
    scheme = url.partition(":")[0]
    if scheme not in mail_server.BACKENDS:
        raise ValidationError(
            f"{scheme!r} is not a way to send email."
            " Write submission://user:password@host:587, or console:// to print it."
        )
    try:
        return mail_server.settings_from(url)
    except ValueError:
        raise ValidationError("cannot be read. Write submission://user:password@host:587.") from None


def sender(text):
    """Return the sender of the tracker's e-mail: an address, or a name with the address in angle brackets."""
    address = SENDER.fullmatch(text.strip())
    try:
        validate_email((address[1] or address[2]) if address else "")
    except InvalidEmail:
        raise ValidationError(f"{text!r} is not a sender. Write Tracker <tracker@example.govt.nz>.") from None
    return text.strip()


def reply_to(text):
    """Return where answers to the tracker's email go, written as a sender is; blank: to the sender."""
    return sender(text) if text.strip() else ""


def break_glass(text):
    """Return the email address of the one account that keeps its password while passwords are off; blank for none."""
    try:
        if text.strip():
            validate_email(text.strip())
    except InvalidEmail:
        raise ValidationError(f"{text!r} is not an email address. Write that of a superuser.") from None
    return text.strip().lower()


def level(text):
    """Return the least serious kind of message that is logged."""
    return _one_of(LEVELS, text.upper())


def log_format(text):
    """Return the shape of log lines."""
    return _one_of(FORMATS, text.lower())


def port(text):
    """Return the port to listen on."""
    return _whole_number(text, 1, 65535)


def workers(text):
    """Return the number of web server processes."""
    return _whole_number(text, 1, 64)


def import_limit(text):
    """Return a limit of imports: megabytes, rows, columns, cells, characters or seconds."""
    return _whole_number(text, 1, 100_000_000)


def networks(text):
    """Return the networks of our own web servers, separated by commas; `*` stands for all of them."""
    found = []
    for item in _items(text):
        try:
            found += [ip_network(item, strict=False)] if item != "*" else [ip_network("0.0.0.0/0"), ip_network("::/0")]
        except ValueError:
            raise ValidationError(f"{item!r} is not a network address. Write it like 10.0.0.5.") from None
    return found


def _items(text):
    return [item.strip() for item in text.split(",") if item.strip()]


def _one_of(choices, text):
    if text not in choices:
        raise ValidationError(f"{text!r} is unknown. Choose one of {', '.join(choices)}.")
    return text


def _whole_number(text, least, most):
    if not WHOLE_NUMBER.fullmatch(text.strip()) or not least <= int(text) <= most:
        raise ValidationError(f"{text!r} is not a whole number from {least} to {most}.")
    return int(text)


def _sqlite(config):
    # Opening the file and telling it how to behave takes longer than a page; not for ever, since files are replaced.
    return {**config, "CONN_MAX_AGE": 60, "OPTIONS": {**SQLITE_OPTIONS, **config.get("OPTIONS", {})}}


def _parse(url):
    """Return what `url` says as Django's settings; one with several hosts, too, which the parser cannot read.

    libpq takes them as one text of hosts and one of ports, and tries each until it finds a server that can be written
    to, unless `target_session_attrs` in the query says otherwise.
    """
    if not (several := SEVERAL_HOSTS.fullmatch(url)):
        return dj_database_url.parse(url)
    before, hosts, after = several.groups("")
    pairs = [HOST_AND_PORT.fullmatch(one) for one in hosts.split(",")]
    if not all(pairs):
        raise ValueError(hosts)
    config = dj_database_url.parse(f"{before}localhost{after}")
    options = {"target_session_attrs": "read-write", **config.get("OPTIONS", {})}
    ports = ",".join(pair[2] or "5432" for pair in pairs)
    return {**config, "HOST": ",".join(pair[1].strip("[]") for pair in pairs), "PORT": ports, "OPTIONS": options}


def _postgres(config):
    # A server that is gone without a word, as when its machine lost its power, is given up after 20 seconds; the system
    # itself takes a quarter of an hour.
    gone = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2, "tcp_user_timeout": 20_000}
    # What pages ask again and again, the server works out for a connection once, from the second time on; so
    # connections are kept for a while. A health check comes before each reuse, so a restarted database costs nobody
    # an error page.
    own = {"application_name": "rocc", "connect_timeout": 5, "prepare_threshold": 1, **gone}
    options = {**own, **config.get("OPTIONS", {})}
    return {**config, "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}
