"""Every setting, read once from the environment and typed. `.env.example` documents each; nothing else reads the environment."""

import hashlib
import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environs

from placet.lib.secretfile import private_file, private_folder, read_or_create

env = environs.Env()
env.read_env(str(Path(__file__).resolve().parent.parent / ".env"), recurse=False)
for _name in [name for name, value in os.environ.items() if not value]:
    # `NAME=` in a .env or compose file means "not set"; environs would read it as a value.
    if _name.startswith(("PLACET_", "DATABASE_URL", "REDIS_URL")):
        del os.environ[_name]

BASE_DIR = Path(__file__).resolve().parent.parent
PLACET_DATA_DIR = Path(env.str("PLACET_DATA_DIR", str(BASE_DIR / "var")))
PLACET_PORT = env.int("PLACET_PORT", 8000)
PLACET_URL: str = env.str("PLACET_URL", f"http://127.0.0.1:{PLACET_PORT}").rstrip("/")
_host = urlsplit(PLACET_URL).hostname or "127.0.0.1"
_https = PLACET_URL.startswith("https://")

# The shape (docs/architecture.md) follows from what is configured, never from a flag.
DATABASE_URL: str = env.str("DATABASE_URL", "")
REDIS_URL: str = env.str("REDIS_URL", "")
PLACET_SCALED = bool(DATABASE_URL or REDIS_URL)

DEBUG = env.bool("PLACET_DEBUG", False)
SECRET_KEY: str = env.str("PLACET_SECRET_KEY", "")
if not SECRET_KEY:
    # Several machines cannot share a file they do not have: the scaled shape must be told its secret.
    SECRET_KEY = read_or_create(PLACET_DATA_DIR / "secret", create=not PLACET_SCALED)
PLACET_SEALING_KEYS: list[str] = env.list("PLACET_SEALING_KEYS", [SECRET_KEY])
ALLOWED_HOSTS: list[str] = env.list(
    "PLACET_ALLOWED_HOSTS", [_host, "localhost", "127.0.0.1", "[::1]"]
)
CSRF_TRUSTED_ORIGINS = [PLACET_URL]

INSTALLED_APPS = [
    "daphne",
    "accounts.rescue.RescueConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "channels",
    "csp",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "placet",
    "placet.events",
    "accounts",
    "agents",
    "reviews",
    "inbox",
]
MIDDLEWARE = [
    "placet.middleware.security_headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "placet.middleware.address_limit",
    "placet.middleware.refuse_nul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.session_limits",
    "accounts.middleware.must_change_password",
    "django_htmx.middleware.HtmxMiddleware",
]
# A parked wait needs no session, no form token and no template: it passes through this much shorter list.
PLACET_WAIT_MIDDLEWARE = [
    "placet.middleware.security_headers",
    "placet.middleware.address_limit",
]
ROOT_URLCONF = "placet.urls"
ASGI_APPLICATION = "placet.asgi.application"
APPEND_SLASH = False
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "inbox.context.shell",
            ],
            "builtins": ["django.templatetags.static", "inbox.templatetags.placet"],
        },
    }
]

_SQLITE: dict[str, Any] = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": PLACET_DATA_DIR / "placet.sqlite3",
    "CONN_MAX_AGE": None,
    "OPTIONS": {
        # IMMEDIATE: a writer queues for the lock at BEGIN instead of failing at its first write.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    },
}
DATABASES: dict[str, Any] = {"default": _SQLITE}
if not DATABASE_URL:
    private_file(PLACET_DATA_DIR / "placet.sqlite3")
else:
    DATABASES = {
        "default": env.dj_db_url("DATABASE_URL", conn_max_age=600, conn_health_checks=True)
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Installations may share a Redis server: each keeps to names of its own. Pub/sub crosses the borders of numbered databases.
PLACET_REDIS_PREFIX = "placet-" + hashlib.sha256(b"redis:" + SECRET_KEY.encode()).hexdigest()[:12]
CACHES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": PLACET_REDIS_PREFIX,
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
CHANNEL_LAYERS: dict[str, Any] = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": PLACET_REDIS_PREFIX},
    }
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}
CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"global_keyprefix": f"{PLACET_REDIS_PREFIX}:"} if REDIS_URL else {}
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "expire-due-reviews": {"task": "reviews.tasks.expire_due_reviews", "schedule": 30.0},
    "forget-expired-sessions": {
        "task": "accounts.tasks.forget_expired_sessions",
        "schedule": 3600.0,
    },
    "mark-silent-agents": {"task": "agents.tasks.mark_silent_agents", "schedule": 30.0},
    "forget-idempotency": {"task": "inbox.tasks.forget_idempotency", "schedule": 3600.0},
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "/inbox/"

SESSION_ENGINE = "accounts.sessions"
# The prefix makes browsers refuse the cookie from a neighbouring subdomain, and over plain http.
SESSION_COOKIE_NAME = "__Host-placet_session" if _https else "placet_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _https
SESSION_COOKIE_AGE = env.int("PLACET_SESSION_IDLE_SECONDS", 7 * 24 * 3600)
PLACET_SESSION_ABSOLUTE_SECONDS = env.int("PLACET_SESSION_ABSOLUTE_SECONDS", 30 * 24 * 3600)
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = _https

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_HSTS_PRELOAD = _https
SECURE_SSL_REDIRECT = env.bool("PLACET_SSL_REDIRECT", _https)
SECURE_REDIRECT_EXEMPT = [r"^health$", r"^ready$"]
if env.bool("PLACET_BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
PLACET_BEHIND_PROXY = env.bool("PLACET_BEHIND_PROXY", False)
X_FRAME_OPTIONS = "DENY"
# It asks for Django's clickjacking middleware; `security_headers` sends that header itself, on parked waits too.
SILENCED_SYSTEM_CHECKS = ["security.W002"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("PLACET_STATIC_ROOT", str(PLACET_DATA_DIR / "static")))
private_folder(PLACET_DATA_DIR)
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
# The two-command start collects nothing; production may run collectstatic and whitenoise then serves STATIC_ROOT.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = PLACET_DATA_DIR / "files"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False

DATA_UPLOAD_MAX_MEMORY_SIZE = env.int("PLACET_MAX_BODY_BYTES", 1024 * 1024)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
PLACET_MAX_JSON_DEPTH = env.int("PLACET_MAX_JSON_DEPTH", 32)
PLACET_MAX_JSON_NODES = env.int("PLACET_MAX_JSON_NODES", 20_000)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["agents.auth.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["agents.auth.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["placet.lib.rest.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["placet.lib.rest.OrjsonParser"],
    "EXCEPTION_HANDLER": "placet.lib.rest.answer_error",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "placet.lib.rest.AlwaysJson",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Placet",
    "DESCRIPTION": (
        "The self-hosted inbox where AI agents meet humans. Send your key as `Authorization: Bearer hp_…` or as "
        "`x-api-key: hp_…`. Times are ISO-8601 in UTC. Every error is `{statusCode, message, code, errors, timestamp, path}`."
    ),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1/",
    "PREPROCESSING_HOOKS": ["inbox.api.schema.describe_wait"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "inbox.api.schema.name_events",
    ],
    "ENUM_NAME_OVERRIDES": {
        "MessageStatus": "inbox.models.MessageStatus",
        "DeliveryStatus": "inbox.models.DeliveryStatus",
        "AgentStatus": "agents.models.AgentStatus",
        "ReviewStatus": "reviews.models.Status",
    },
    "COMPONENT_SPLIT_REQUEST": True,
}

# What an operator may turn.
PLACET_REVIEW_DEFAULT_SECONDS = env.int("PLACET_REVIEW_DEFAULT_SECONDS", 86_400)
PLACET_REVIEW_MAX_SECONDS = env.int("PLACET_REVIEW_MAX_SECONDS", 36 * 3600)
PLACET_WAIT_DEFAULT_MS = env.int("PLACET_WAIT_DEFAULT_MS", 30_000)
PLACET_WAIT_MAX_MS = env.int("PLACET_WAIT_MAX_MS", 120_000)
PLACET_WAITERS_MAX = env.int("PLACET_WAITERS_MAX", 20_000)
PLACET_WAITERS_MAX_PER_KEY = env.int("PLACET_WAITERS_MAX_PER_KEY", 500)
PLACET_SOCKETS_MAX_PER_USER = env.int("PLACET_SOCKETS_MAX_PER_USER", 50)
PLACET_OFFLINE_AFTER = timedelta(seconds=env.int("PLACET_OFFLINE_AFTER_SECONDS", 300))
PLACET_HANDLER = env.str(
    "PLACET_HANDLER", "pooled", validate=environs.validate.OneOf(["pooled", "stock"])
)
PLACET_THREADS = env.int("PLACET_THREADS", 4)
# A serving process hears what other processes commit; the test run turns it off, its one process commits everything.
PLACET_LISTEN = True
PLACET_RATE_PER_KEY = env.str("PLACET_RATE_PER_KEY", "1200/minute")
PLACET_RATE_PER_ADDRESS = env.str("PLACET_RATE_PER_ADDRESS", "3000/minute")
PLACET_RATE_SIGN_IN_PER_ACCOUNT = env.str("PLACET_RATE_SIGN_IN_PER_ACCOUNT", "10/5minute")
PLACET_RATE_SIGN_IN_EVERYWHERE = env.str("PLACET_RATE_SIGN_IN_EVERYWHERE", "100/hour")
PLACET_RATE_SIGN_IN_PER_ADDRESS = env.str("PLACET_RATE_SIGN_IN_PER_ADDRESS", "50/5minute")
PLACET_KEY_CACHE_SECONDS = 0.8

# For scripts: the owner is created at start when nobody is there yet.
PLACET_OWNER_EMAIL: str = env.str("PLACET_OWNER_EMAIL", "")
PLACET_OWNER_PASSWORD: str = env.str("PLACET_OWNER_PASSWORD", "")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.str("PLACET_LOG_LEVEL", "INFO")},
    # What a newcomer sees first is the set-up link, not the servers' own chatter.
    "loggers": {
        name: {"level": "WARNING"} for name in ("django.server", "daphne", "uvicorn.error")
    },
}
