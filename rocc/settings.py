"""Django's settings. What differs between installations comes from `rocc.environment`; README.md lists it."""

import tomllib

from csp.constants import NONE, SELF

from rocc import logs, mail_server
from rocc.environment import BASE_DIR, VAR_DIR, read

ENVIRONMENT = read()
# Backups say which version made them.
VERSION = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

DEBUG = ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key
SECRET_KEY_FALLBACKS = ENVIRONMENT.secret_key_fallbacks
ALLOWED_HOSTS = ENVIRONMENT.allowed_hosts
CSRF_TRUSTED_ORIGINS = ENVIRONMENT.csrf_trusted_origins

# Whether visitors may read published plans without signing in.
ROCC_OPEN_READING = ENVIRONMENT.open_reading

# Whether people may add the updates of a round by a link in their mail, without signing in.
ROCC_UPDATE_LINKS = ENVIRONMENT.update_links

# The providers with which people sign in (`rocc.single_sign_on.SignInProvider`), whether passwords work as well, and
# whose does in any case.
ROCC_SSO = ENVIRONMENT.sign_in_providers
ROCC_PASSWORDS = ENVIRONMENT.passwords
ROCC_BREAK_GLASS = ENVIRONMENT.break_glass

# Whether a second step at sign-in is "off", "offered" to everyone, or "required" of programme admins and superusers.
ROCC_MFA = ENVIRONMENT.mfa

# Whether the tricks for speed are used; see plans/fast/README.md.
ROCC_FAST = ENVIRONMENT.fast
ROCC_DEMO = ENVIRONMENT.demo

# What the site is called in links that leave it, in mail and workbooks; blank: what the request says.
SITE_URL = ENVIRONMENT.site_url

# How large a spreadsheet may be that somebody brings, and what opening it may cost; see
# `plans.spreadsheets.reading.limits`.
IMPORT_LIMITS = ENVIRONMENT.import_limits
# How much the files of a plan may take up, and when `clear_uploads` removes what was refused or discarded.
IMPORT_QUOTA_MB = ENVIRONMENT.import_keeping["quota_mb"]
IMPORT_KEEP_DAYS = ENVIRONMENT.import_keeping["keep_days"]
# Files are read and imported in processes of their own, so many at once; "inline" does it in the one that asks.
IMPORT_JOBS = "process"
IMPORT_JOBS_AT_ONCE = 2

# The web servers before this one, which say where a request came from.
TRUSTED_PROXIES = ENVIRONMENT.trusted_proxies

INSTALLED_APPS = [
    "plans",
    "whitenoise.runserver_nostatic",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_filters",
    "django_htmx",
    "import_export",
    "simple_history",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
]

MIDDLEWARE = [
    # Above all others, so that whatever is answered has its number and its line in the log.
    "rocc.requests.number_and_log",
    # Next, so that errors and redirects are kept by nobody, either.
    "rocc.requests.private_by_default",
    "django.middleware.security.SecurityMiddleware",
    # Above WhiteNoise, so that a picture opened by itself cannot run a script either.
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Pads what it compresses by a random length, so that sizes do not betray secrets (BREACH).
    "django.middleware.gzip.GZipMiddleware",
    # Before anything reads what was sent.
    "rocc.requests.refuse_malformed",
    "rocc.requests.drop_tracking",
    "django.contrib.sessions.middleware.SessionMiddleware",
    # Sees every answer but those of the ones above, and has a session to keep what was typed in.
    "plans.views.refusals.form_recovery_middleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "plans.accounts.ReadingMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    # Below it, since the library has to know the request.
    "plans.views.second_step.SecondStepMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    # Last, so that nothing but the view itself sees the tables of an earlier moment.
    "plans.views.as_at.as_at_middleware",
]

ROOT_URLCONF = "rocc.urls"
WSGI_APPLICATION = "rocc.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Data
DATABASES = {"default": ENVIRONMENT.database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_DIRS = [BASE_DIR / "fixtures"]
IMPORT_EXPORT_USE_TRANSACTIONS = True
# A reason for a change may be as long as it has to be.
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True

# What all processes have to know alike, such as who tried to sign in how often. `migrate` makes the table.
CACHES = {
    "default": {
        "BACKEND": "plans.cache.RaisingDatabaseCache",
        "LOCATION": "cache",
        # Far more than the limits below let anybody fill, so that nobody can push a limit out.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# People
AUTH_USER_MODEL = "plans.User"
AUTHENTICATION_BACKENDS = ["plans.accounts.PersonBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "plans.passwords.KnownWordsValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# A link that sets a password works once, and for so many seconds: asked for by its owner; sent by a programme admin.
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60
INVITATION_TIMEOUT = 7 * 24 * 60 * 60
# Sign-in by e-mail address and password. Nobody signs up: programme admins invite people.
ACCOUNT_ADAPTER = "plans.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "plans.forms.accounts.SignInForm",
    "change_password": "plans.forms.accounts.ChangePasswordForm",
    "set_password": "plans.forms.accounts.SetPasswordForm",
    "reset_password": "plans.forms.accounts.ForgottenPasswordForm",
    "reset_password_from_key": "plans.forms.accounts.NewPasswordForm",
    "reauthenticate": "plans.forms.accounts.ConfirmForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_SESSION_REMEMBER = False
# The library's own generator would keep a second list of addresses, which an admin cannot see.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "plans.accounts.PasswordLinkTokens"  # noqa: S105
# Guessing is slowed down for the network address that guesses: `key` is an e-mail address tried from one of them, so
# nobody can lock somebody else out. Each limit ends by itself.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,200/h/ip,5/10m/key",
    "change_password": "5/m/user",
    "reset_password": "10/m/ip,5/h/key",
    "reset_password_from_key": "20/m/ip",
    # Forms sent by links that ask nobody to sign in: `key` is the link.
    "update_link": "60/m/ip,20/10m/key",
    # Each asks a provider for its addresses.
    "single_sign_on": "60/m/ip",
}
# Sign-in with a provider. A person is known by its issuer and their subject there, never by an email address, and
# nothing that it sends is kept: no token, no claim. It has five seconds to answer.
SOCIALACCOUNT_ADAPTER = "plans.single_sign_on.SingleSignOnAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = False
SOCIALACCOUNT_AUTO_SIGNUP = SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
# The second step, after the password or in its place: a code of an app, a passkey, or a recovery code. Five codes may
# be tried in ten minutes ("login_failed", by person). The code before and the one after are taken, as clocks differ.
MFA_ADAPTER = "plans.second_step.SecondStepAdapter"
MFA_FORMS = {
    "authenticate": "plans.forms.second_step.CodeForm",
    "reauthenticate": "plans.forms.second_step.ConfirmByCodeForm",
    "activate_totp": "plans.forms.second_step.AddAppForm",
    "add_webauthn": "plans.forms.second_step.AddPasskeyForm",
    "authenticate_webauthn": "plans.forms.second_step.PasskeyForm",
    "reauthenticate_webauthn": "plans.forms.second_step.ConfirmByPasskeyForm",
    "login_webauthn": "plans.forms.second_step.SignInByPasskeyForm",
    "edit_webauthn": "plans.forms.second_step.RenamePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# A passkey that asks for no finger, face or PIN is refused everywhere: it signs in by itself.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_TOLERANCE = 1
# Nobody signs up, so that an address that was not confirmed is one that a programme admin typed.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# For so many seconds after showing who they are, people may do what is dangerous; see `plans.views.second_step`.
CONFIRMED_SECONDS = 10 * 60
# A form that was opened by then may be sent until then.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
CSRF_FAILURE_VIEW = "plans.views.form_recovery.csrf_failure"
# A session ends when the browser closes, eight hours after its last request, and twelve after signing in.
SESSION_ENGINE = "plans.sessions"
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_LIFETIME = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# Under HTTPS, names that browsers take from this very host only, and not from others of its domain.
COOKIE_PREFIX = "__Host-" if ENVIRONMENT.https else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"

# Words, dates and times
LANGUAGE_CODE = "en-nz"
LANGUAGES = [("en-nz", "English (New Zealand)")]
TIME_ZONE = "Pacific/Auckland"
USE_TZ = True
# Django takes formats from here and not from settings, since the language brings some of its own.
FORMAT_MODULE_PATH = "rocc.formats"
# Times read "2:10 pm", in the admin as well; Django would write "2:10 p.m.".
LOCALE_PATHS = [BASE_DIR / "rocc" / "locale"]

# Static files. Their names carry a digest of their content, so that browsers may keep them for ever.
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_STORAGE_CLASS = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if DEBUG
    else "whitenoise.storage.CompressedManifestStaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": STATICFILES_STORAGE_CLASS},
}

# What browsers are told. The scheme comes from gunicorn, which believes X-Forwarded-Proto from trusted proxies only.
SECURE_SSL_REDIRECT = ENVIRONMENT.https
# A program that sends its token in the clear has to fail, not to be led on: `plans.views.api` refuses it.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^api/"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENVIRONMENT.https
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if ENVIRONMENT.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = ENVIRONMENT.https
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in (
        "accelerometer",
        "autoplay",
        "camera",
        "display-capture",
        "encrypted-media",
        "fullscreen",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
}
# Being on the browsers' preload list is for the owner of the whole domain to decide, not for one site in it.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

# E-mail
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENVIRONMENT.default_from_email
EMAIL_REPLY_TO = ENVIRONMENT.email_reply_to
globals().update(mail_server.as_this_django_wants(ENVIRONMENT.email))

LOGGING = logs.configuration(ENVIRONMENT)
