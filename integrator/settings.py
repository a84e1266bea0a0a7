"""Every setting, in one file. What an operator may change is read from the environment.

INTEGRATOR_URL              where people and callers reach this site; https turns on HSTS,
                            secure cookies and the redirect  (http://127.0.0.1:2020)
INTEGRATOR_DATA             data folder                      (var/ beside manage.py)
DATABASE_URL                postgres://… or sqlite:///…      (SQLite in the data folder)
INTEGRATOR_ALLOWED_HOSTS    host names this site answers to  (the host of INTEGRATOR_URL)
INTEGRATOR_TRUSTED_PROXIES  proxies (addresses, networks) whose word is taken on who calls (none)
INTEGRATOR_PROXY_HEADER     where they write it: x-forwarded-for or forwarded  (x-forwarded-for)
INTEGRATOR_REDIS_URL        redis://… where all workers count limits together  (each for itself)
INTEGRATOR_OUTBOUND_ALLOW   private hosts and networks that flows may call  (none)
INTEGRATOR_OUTBOUND_ADDRESSES  where our calls come from, told to users for firewalls  (none)
INTEGRATOR_JSONATA_ENGINE   what evaluates {{ … }}: jsonatapy or jsonata-python  (jsonatapy)
INTEGRATOR_QUERY_CREDENTIALS  whether keys may stand in the query string    (yes)
INTEGRATOR_METRICS_TOKEN    who sends it may read /metrics; a secret, here or as a file  (off)
INTEGRATOR_DEMO             serve the demo systems under /demo/             (no)
INTEGRATOR_DEBUG            Django's debug pages                            (no)
INTEGRATOR_EMAIL_URL        smtp://user:password@host:port   (mail is printed to the console)
INTEGRATOR_EMAIL_FROM       sender of our mails              (integrator@localhost)
INTEGRATOR_SECRET_KEY, INTEGRATOR_PEPPERS, INTEGRATOR_JWT_KEYS, INTEGRATOR_ENCRYPTION_KEYS
                            secrets, here or as files in the data folder
"""

from typing import Any
from urllib.parse import urlsplit

import dj_database_url
import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured

from accounts.client_address import Proxies
from apikeys.keyring import Peppers, SigningKeys
from dynamic.flow.engines.choice import DEFAULT, engine_named
from dynamic.outbound.guard import Allowed
from dynamic.outbound.networks import as_written
from integrator import env
from integrator.content_security import CONTENT_SECURITY_POLICY as CONTENT_SECURITY_POLICY
from integrator.encryption import fernet
from integrator.logs import LOGGING as LOGGING
from integrator.paths import BASE, data_folder

django_stubs_ext.monkeypatch()  # so that ModelAdmin[Key] and the like can be written

BASE_DIR = BASE
DATA = data_folder()
DEBUG = env.flag("INTEGRATOR_DEBUG", default=False)
DEMO = env.flag("INTEGRATOR_DEMO", default=False)

# Where we are

SITE_URL = env.text("INTEGRATOR_URL", "http://127.0.0.1:2020").rstrip("/")
_site = urlsplit(SITE_URL)
if _site.scheme not in {"http", "https"} or not _site.hostname:
    raise ImproperlyConfigured(f"INTEGRATOR_URL is {SITE_URL!r}; it takes http(s)://host[:port].")
HTTPS = _site.scheme == "https"
ALLOWED_HOSTS = env.words("INTEGRATOR_ALLOWED_HOSTS", _site.hostname) + (
    ["127.0.0.1", "localhost", "[::1]"] if DEMO or DEBUG else []
)
CSRF_TRUSTED_ORIGINS = [SITE_URL]
# Behind proxies: whose word is taken on the caller's address and on https.
_proxies = env.words("INTEGRATOR_TRUSTED_PROXIES")
PROXIES = env.parsed("INTEGRATOR_TRUSTED_PROXIES", Proxies.parse, _proxies)
PROXIES = env.text_as("INTEGRATOR_PROXY_HEADER", PROXIES.header, PROXIES.written_in)
if _proxies:
    # `accounts.forwarded` takes the header out where it comes from anybody else.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
APPEND_SLASH = False  # its redirect repeats the query, and a credential may stand in it
ROOT_URLCONF = "integrator.urls"
WSGI_APPLICATION = "integrator.wsgi.application"
ASGI_APPLICATION = "integrator.asgi.application"

# Secrets

SECRET_KEY = env.secret("INTEGRATOR_SECRET_KEY", DATA)
PEPPERS = env.secret_as("INTEGRATOR_PEPPERS", DATA, Peppers.parse)
JWT_KEYS = env.secret_as("INTEGRATOR_JWT_KEYS", DATA, SigningKeys.parse)
ENCRYPTION = env.secret_as("INTEGRATOR_ENCRYPTION_KEYS", DATA, fernet)
METRICS_TOKEN = env.optional_secret("INTEGRATOR_METRICS_TOKEN", DATA, least=32)

# Parts

INSTALLED_APPS = [
    "accounts",
    "apikeys",
    "dynamic",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "servestatic",
    "allauth",
    "allauth.account",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
]

MIDDLEWARE = [
    "integrator.request_id.RequestIdMiddleware",
    "accounts.forwarded.ForwardedMiddleware",
    "integrator.rest.NoStoreMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.busy.BusyMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# Database

DATABASES: dict[str, Any] = {
    "default": dj_database_url.config(
        env="DATABASE_URL", default=f"sqlite:///{DATA / 'integrator.sqlite3'}"
    )
}
_database = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["OPTIONS"] = {
        # Writers queue up at BEGIN; without this most concurrent writers fail at once.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    # A file, as the tests' own server process opens it, too.
    _database["TEST"] = {"NAME": str(DATA / "test.sqlite3")}
else:
    # The pool hands out connections; Django must then not keep them itself.
    _database["CONN_MAX_AGE"] = 0
    _database["CONN_HEALTH_CHECKS"] = True  # else a restart of the database fails pages for a while
    _database["OPTIONS"] = {"pool": {"min_size": 1, "max_size": 20, "timeout": 5}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backend.AuthenticationBackend"]
PASSWORD_HASHERS = ["accounts.hashers.BoundedArgon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
] + [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    }
]
PASSWORD_RESET_TIMEOUT = 86_400  # the mail says "within one day"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "apikeys:list"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""  # else the Host header, which the client chooses
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
}
# Also counts wrong passwords given to `accounts.passwords`. The adapter names the five minutes.
ACCOUNT_RATE_LIMITS = {"login_failed": "20/5m/ip,5/5m/key", "reset_password": "20/m/ip,5/h/key"}
# allauth's own writes an EmailAddress row, and an old address in it would go on signing in after
# an operator has changed the address.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
REDIS_URL = env.text("INTEGRATOR_REDIS_URL", "")
# Lock-out counts live here: where all workers count together.
CACHES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # beyond it live counts are dropped
    }
}
if REDIS_URL:
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "integrator",
    }

# Pages

FORM_RENDERER = "accounts.rendering.FormRenderer"
LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [BASE / "integrator" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"},
}

# Transport and browsers

SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SILENCED_SYSTEM_CHECKS = [
    # HSTS for subdomains and the preload list decide about hosts that are not ours alone.
    "security.W005",
    "security.W021",
]

# Programs

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apikeys.authentication.KeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.CursorPagination",
    "PAGE_SIZE": 50,
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "integrator.rest.to_problem",
    "DEFAULT_PARSER_CLASSES": [
        "integrator.parsers.OrjsonParser",
        "rest_framework.parsers.FormParser",
    ],
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Integrator",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": ["integrator.openapi.describe"],
}
QUERY_CREDENTIALS = env.flag("INTEGRATOR_QUERY_CREDENTIALS", default=True)

# Calls, and the engine of expressions, which `DynamicConfig` hands on

OUTBOUND_ALLOWED = env.parsed(
    "INTEGRATOR_OUTBOUND_ALLOW", Allowed.parse, env.words("INTEGRATOR_OUTBOUND_ALLOW")
)
OUTBOUND_ADDRESSES = env.parsed(
    "INTEGRATOR_OUTBOUND_ADDRESSES", as_written, env.words("INTEGRATOR_OUTBOUND_ADDRESSES")
)
JSONATA_ENGINE = env.text_as("INTEGRATOR_JSONATA_ENGINE", DEFAULT, engine_named)

# Mail

EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
_mail = urlsplit(env.text("INTEGRATOR_EMAIL_URL", ""))
if _mail.hostname:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _mail.hostname
    EMAIL_PORT = _mail.port or 587
    EMAIL_HOST_USER = _mail.username or ""
    EMAIL_HOST_PASSWORD = _mail.password or ""
    EMAIL_USE_TLS = EMAIL_PORT == 587
EMAIL_TIMEOUT = 30  # seconds
DEFAULT_FROM_EMAIL = env.text("INTEGRATOR_EMAIL_FROM", "integrator@localhost")
