"""Every setting, read once from the environment and typed. `.env.example` documents each; nothing else reads the environment."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pythonjsonlogger.core import RESERVED_ATTRS

from placet.lib import environment
from placet.lib.logs import UNSAID
from placet.lib.secretfile import private_file, private_folder, read, read_or_create

BASE_DIR = Path(__file__).resolve().parent.parent
env = environment.Environment(BASE_DIR / ".env")

# Where people reach it.
PLACET_PORT = env.whole("PLACET_PORT", 8000, most=65_535)
PLACET_URL: str = env.str(
    "PLACET_URL", f"http://127.0.0.1:{PLACET_PORT}", validate=environment.address
)
ALLOWED_HOSTS = env.names("PLACET_ALLOWED_HOSTS", [])
PLACET_BEHIND_PROXY = env.flag("PLACET_BEHIND_PROXY", False)
_https = str(PLACET_URL).startswith("https://")
SECURE_SSL_REDIRECT = env.flag("PLACET_SSL_REDIRECT", _https)

# The shape (docs/architecture.md) follows from what is configured, never from a flag.
DATABASE_URL: str = env.str("DATABASE_URL", "", validate=environment.database)
_database: Any = DATABASE_URL and env.dj_db_url(
    "DATABASE_URL", conn_max_age=600, conn_health_checks=True
)
REDIS_URL: str = env.str("REDIS_URL", "", validate=environment.redis)
PLACET_SCALED = bool(DATABASE_URL or REDIS_URL)

# Files: in a bucket where one is named, else in a folder, which all web and worker processes then share.
PLACET_S3_BUCKET: str = env.str("PLACET_S3_BUCKET", "")
PLACET_S3_PREFIX: str = env.str("PLACET_S3_PREFIX", "")
PLACET_S3_ENDPOINT: str = env.str("PLACET_S3_ENDPOINT", "", validate=environment.endpoint)
PLACET_S3_REGION: str = env.str("PLACET_S3_REGION", "")
PLACET_S3_ACCESS_KEY: str = env.str("PLACET_S3_ACCESS_KEY", "")
PLACET_S3_SECRET_KEY: str = env.str("PLACET_S3_SECRET_KEY", "")
if PLACET_S3_ACCESS_KEY and not PLACET_S3_SECRET_KEY:
    env.refuse("PLACET_S3_SECRET_KEY", "must be set when PLACET_S3_ACCESS_KEY is")
_files_dir: str = env.str("PLACET_FILES_DIR", "")
if _files_dir and not PLACET_S3_BUCKET:
    env.folder("PLACET_FILES_DIR", BASE_DIR, mode=0o700, written=True)

# Where it keeps things: nothing, when all stores are elsewhere.
PLACET_DATA_DIR = env.folder(
    "PLACET_DATA_DIR",
    BASE_DIR / "var",
    mode=0o700,
    written=not (DATABASE_URL and REDIS_URL and (PLACET_S3_BUCKET or _files_dir)),
)
_static_root: str = env.str("PLACET_STATIC_ROOT", "")
if _static_root:
    env.folder("PLACET_STATIC_ROOT", BASE_DIR)

# Secrets, and for scripts the owner who is created at start when nobody is there yet.
SECRET_KEY: str = env.str("PLACET_SECRET_KEY", "")
PLACET_SEALING_KEYS = env.names("PLACET_SEALING_KEYS", [])
PLACET_METRICS_TOKEN: str = env.str("PLACET_METRICS_TOKEN", "")
PLACET_OWNER_EMAIL: str = env.str("PLACET_OWNER_EMAIL", "")
PLACET_OWNER_PASSWORD: str = env.str("PLACET_OWNER_PASSWORD", "")

# What an operator may turn.
PLACET_REVIEW_DEFAULT_SECONDS = env.whole("PLACET_REVIEW_DEFAULT_SECONDS", 86_400)
PLACET_REVIEW_MAX_SECONDS = env.whole("PLACET_REVIEW_MAX_SECONDS", 36 * 3600)
PLACET_WAIT_DEFAULT_MS = env.whole("PLACET_WAIT_DEFAULT_MS", 30_000)
PLACET_WAIT_MAX_MS = env.whole("PLACET_WAIT_MAX_MS", 120_000)
PLACET_WAITERS_MAX = env.whole("PLACET_WAITERS_MAX", 20_000)
PLACET_WAITERS_MAX_PER_KEY = env.whole("PLACET_WAITERS_MAX_PER_KEY", 500)
PLACET_SOCKETS_MAX_PER_USER = env.whole("PLACET_SOCKETS_MAX_PER_USER", 50)
PLACET_EVENTS_KEEP_DAYS = env.whole("PLACET_EVENTS_KEEP_DAYS", 30, most=36_500)
_offline_after = env.whole("PLACET_OFFLINE_AFTER_SECONDS", 300)
SESSION_COOKIE_AGE = env.whole("PLACET_SESSION_IDLE_SECONDS", 7 * 24 * 3600)
PLACET_SESSION_ABSOLUTE_SECONDS = env.whole("PLACET_SESSION_ABSOLUTE_SECONDS", 30 * 24 * 3600)
# Hosts, addresses and networks of the operator's own that we may reach; everything private is refused otherwise.
PLACET_OUTBOUND_ALLOW = env.names("PLACET_OUTBOUND_ALLOW", [])
PLACET_DELIVERIES_KEEP_DAYS = env.whole("PLACET_DELIVERIES_KEEP_DAYS", 30)
PLACET_RATE_PER_KEY: str = env.str("PLACET_RATE_PER_KEY", "1200/minute", validate=environment.rate)
PLACET_RATE_PER_ADDRESS: str = env.str(
    "PLACET_RATE_PER_ADDRESS", "3000/minute", validate=environment.rate
)
PLACET_RATE_GRAPHQL_POINTS: str = env.str(
    "PLACET_RATE_GRAPHQL_POINTS", "2000000/hour", validate=environment.rate
)
PLACET_RATE_TOKENS_PER_ADDRESS: str = env.str(
    "PLACET_RATE_TOKENS_PER_ADDRESS", "60/minute", validate=environment.rate
)
PLACET_RATE_TOKENS_PER_CLIENT: str = env.str(
    "PLACET_RATE_TOKENS_PER_CLIENT", "30/minute", validate=environment.rate
)
PLACET_RATE_SIGN_IN_PER_ACCOUNT: str = env.str(
    "PLACET_RATE_SIGN_IN_PER_ACCOUNT", "10/5minute", validate=environment.rate
)
PLACET_RATE_SIGN_IN_EVERYWHERE: str = env.str(
    "PLACET_RATE_SIGN_IN_EVERYWHERE", "100/hour", validate=environment.rate
)
PLACET_RATE_SIGN_IN_PER_ADDRESS: str = env.str(
    "PLACET_RATE_SIGN_IN_PER_ADDRESS", "50/5minute", validate=environment.rate
)
DATA_UPLOAD_MAX_MEMORY_SIZE = env.whole("PLACET_MAX_BODY_BYTES", 1024 * 1024)
PLACET_FILE_MAX_BYTES = env.whole("PLACET_FILE_MAX_BYTES", 100 * 1024 * 1024)
PLACET_FILES_MAX_PER_MESSAGE = env.whole("PLACET_FILES_MAX_PER_MESSAGE", 20, most=1000)
PLACET_FILES_QUOTA_BYTES = env.whole("PLACET_FILES_QUOTA_BYTES", 10 * 1024 * 1024 * 1024)
PLACET_MAX_JSON_DEPTH = env.whole("PLACET_MAX_JSON_DEPTH", 32)
PLACET_MAX_JSON_NODES = env.whole("PLACET_MAX_JSON_NODES", 20_000)
PLACET_HANDLER = env.choice("PLACET_HANDLER", "pooled", "pooled", "stock")
PLACET_THREADS = env.whole("PLACET_THREADS", 4, most=1000)
_log_level = env.choice("PLACET_LOG_LEVEL", "INFO", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_log_format = env.choice("PLACET_LOG_FORMAT", "plain", "plain", "json")
DEBUG = env.flag("PLACET_DEBUG", False)

if PLACET_SCALED and not (SECRET_KEY or read(PLACET_DATA_DIR / "secret")):
    # Several machines cannot share a file they do not have: the scaled shape must be told its secret.
    env.refuse(
        "PLACET_SECRET_KEY",
        "must be set when DATABASE_URL or REDIS_URL is: every process needs the same secret",
    )
env.seal()
PLACET_STRANGE_NAMES = list(env.strangers())

# From here on every value is a good one, and the rest follows.
PLACET_URL = PLACET_URL.rstrip("/")
_host = urlsplit(PLACET_URL).hostname or ""
ALLOWED_HOSTS = ALLOWED_HOSTS or [_host, "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [PLACET_URL]
SECRET_KEY = SECRET_KEY or read_or_create(PLACET_DATA_DIR / "secret")
PLACET_SEALING_KEYS = PLACET_SEALING_KEYS or [SECRET_KEY]
PLACET_FILES_DIR = Path(_files_dir or PLACET_DATA_DIR / "files")
PLACET_OFFLINE_AFTER = timedelta(seconds=_offline_after)
# A serving process hears what other processes commit; the test run turns it off, its one process commits everything.
PLACET_LISTEN = True
PLACET_KEY_CACHE_SECONDS = 0.8

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
    "placet.totals",
    "accounts",
    "agents",
    "files",
    "reviews",
    "inbox",
    "runs",
    "webhooks",
    "oauth2_provider",
    "compat.apps",
    "compat.linear",
    "compat.plane",
]
MIDDLEWARE = [
    "placet.middleware.note_route",
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
    "placet.middleware.note_route",
    "placet.middleware.security_headers",
    "placet.middleware.known_host",
    "placet.middleware.transport_security",
    "placet.middleware.content_policy",
    "placet.middleware.address_limit",
    "placet.middleware.refuse_nul",
]
# Prometheus finds processes by their addresses, which no ALLOWED_HOSTS can name beforehand. Its token is what counts.
PLACET_METRICS_MIDDLEWARE = [
    "placet.middleware.note_route",
    "placet.middleware.security_headers",
    "placet.middleware.transport_security",
    "placet.middleware.content_policy",
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
if not _database:
    private_file(_SQLITE["NAME"])
elif _database["ENGINE"] == _SQLITE["ENGINE"]:
    _database = {**_SQLITE, "NAME": _database["NAME"]}
DATABASES: dict[str, Any] = {"default": _database or _SQLITE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_FOLDER: dict[str, Any] = {
    "BACKEND": "files.storage.Folder",
    "OPTIONS": {
        "location": PLACET_FILES_DIR,
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    },
}
_BUCKET: dict[str, Any] = {
    "BACKEND": "files.bucket.Bucket",
    "OPTIONS": {
        "bucket_name": PLACET_S3_BUCKET,
        "location": PLACET_S3_PREFIX,
        "endpoint_url": PLACET_S3_ENDPOINT or None,
        "region_name": PLACET_S3_REGION or None,
        "access_key": PLACET_S3_ACCESS_KEY or None,
        "secret_key": PLACET_S3_SECRET_KEY or None,
        "default_acl": None,
        # What is larger waits on disk while it is read.
        "max_memory_size": 1024 * 1024,
    },
}
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "files": _BUCKET if PLACET_S3_BUCKET else _FOLDER,
}
if not PLACET_S3_BUCKET:
    # On the disk of the files: what has arrived whole is then moved, and not copied.
    FILE_UPLOAD_TEMP_DIR = str(private_folder(PLACET_FILES_DIR / "arriving"))

# Installations may share a Redis server: each keeps to names of its own. Pub/sub crosses the borders of numbered databases.
PLACET_REDIS_PREFIX = "placet-" + hashlib.sha256(b"redis:" + SECRET_KEY.encode()).hexdigest()[:12]
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
# Without end: a worker that had given up would have to be started by hand when Redis is back.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "expire-due-reviews": {"task": "reviews.tasks.expire_due_reviews", "schedule": 30.0},
    "forget-expired-sessions": {
        "task": "accounts.tasks.forget_expired_sessions",
        "schedule": 3600.0,
    },
    "mark-silent-agents": {"task": "agents.tasks.mark_silent_agents", "schedule": 30.0},
    "make-previews": {"task": "files.tasks.make_previews", "schedule": 30.0},
    "collect-loose-files": {"task": "files.tasks.collect_loose", "schedule": 600.0},
    "remove-discarded-files": {"task": "files.tasks.remove_discarded", "schedule": 60.0},
    "discard-stray-files": {"task": "files.tasks.discard_strays", "schedule": 3600.0},
    "forget-idempotency": {"task": "inbox.tasks.forget_idempotency", "schedule": 3600.0},
    "mark-stale-runs": {"task": "runs.tasks.mark_stale_runs", "schedule": 30.0},
    "deliver-due": {"task": "webhooks.tasks.deliver_due", "schedule": 30.0},
    "forget-expired-tokens": {
        "task": "compat.apps.tasks.forget_expired_tokens",
        "schedule": 3600.0,
    },
    "forget-deliveries": {"task": "webhooks.tasks.forget_deliveries", "schedule": 600.0},
    "count-up": {"task": "placet.totals.tasks.count_up", "schedule": 15.0},
    "forget-events": {"task": "placet.events.tasks.forget_events", "schedule": 3600.0},
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
# Apps that came from other platforms (compat.apps). Tokens are stored as hashes; nothing of it is reached by its own URLs.
# The toolkit's own model; it wants that said where another model refers to it.
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
OAUTH2_PROVIDER: dict[str, Any] = {
    "OAUTH2_VALIDATOR_CLASS": "compat.apps.oauth.Validator",
    "OAUTH2_BACKEND_CLASS": "compat.apps.oauth.Core",
    "SCOPES_BACKEND_CLASS": "compat.apps.oauth.Scopes",
    "ACCESS_TOKEN_GENERATOR": "compat.apps.oauth.mint_token",
    "REFRESH_TOKEN_GENERATOR": "compat.apps.oauth.mint_token",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 86_400,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 90 * 86_400,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    # Neither platform's SDK can do it. Their clients have secrets; one that sends a challenge is held to it.
    "PKCE_REQUIRED": False,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "OIDC_ISS_ENDPOINT": PLACET_URL,
    # Plain http is for trying things out on one's own machine.
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"] if _https else ["https", "http"],
}

LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "/inbox/"

SESSION_ENGINE = "accounts.sessions"
# The prefix makes browsers refuse the cookie from a neighbouring subdomain, and over plain http.
SESSION_COOKIE_NAME = "__Host-placet_session" if _https else "placet_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = _https

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
# The browsers' built-in lists are hard to leave: who wants to be on them decides that for a whole domain, in the proxy.
SECURE_HSTS_PRELOAD = False
SECURE_REDIRECT_EXEMPT = [r"^health$", r"^ready$", r"^metrics$"]
if PLACET_BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    # It asks for Django's clickjacking middleware; `security_headers` sends that header itself, on parked waits too.
    "security.W002",
    "security.W021",
    # It wants PKCE of every client; see OAUTH2_PROVIDER.
    "oauth2_provider.W010",
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        # Videos and sounds of ours; pages that were handed over, which the answer itself puts into an origin of their own.
        "media-src": ["'self'"],
        "frame-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

STATIC_URL = "/static/"
STATIC_ROOT = Path(_static_root or PLACET_DATA_DIR / "static")
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
# The two-command start collects nothing; production may run collectstatic and whitenoise then serves STATIC_ROOT.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False

DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
# Of a body and of each file in it: the rest is on disk.
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "files.uploads.OnDisk",
]

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
    "PREPROCESSING_HOOKS": ["inbox.api.schema.describe_parked"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "inbox.api.schema.name_events",
    ],
    "ENUM_NAME_OVERRIDES": {
        "MessageStatus": "inbox.models.MessageStatus",
        "DeliveryStatus": "inbox.models.DeliveryStatus",
        "AgentStatus": "agents.models.AgentStatus",
        "AgentOutStatusEnum": "agents.api.STATUSES",
        "ReviewStatus": "reviews.models.Status",
        "EventType": "placet.events.catalogue.PUBLIC",
        "RunStatus": "runs.schema.RUN_STATUSES",
        "RunTrigger": "runs.schema.TRIGGERS",
        "ActivityType": "runs.schema.TYPES",
        "ReportedType": "runs.drafts.FROM_AGENTS",
        "Signal": "runs.schema.SIGNALS",
        "ReportedSignal": "runs.schema.REPORTED_SIGNALS",
        "PlanStepStatus": "runs.plans.STATUSES",
    },
    "COMPONENT_SPLIT_REQUEST": True,
}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"of_request": {"()": "placet.lib.logs.OfRequest"}},
    "formatters": {
        "plain": {
            "()": "placet.lib.logs.Plain",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": ["levelname", "name", "message"],
            "rename_fields": {"levelname": "level", "name": "logger"},
            "timestamp": "time",
            "reserved_attrs": [*RESERVED_ATTRS, *UNSAID],
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": _log_format,
            "filters": ["of_request"],
        }
    },
    "root": {"handlers": ["console"], "level": _log_level},
    # What a newcomer sees first is the set-up link, not the servers' own chatter.
    "loggers": {
        **{name: {"level": "WARNING"} for name in ("django.server", "daphne", "uvicorn.error")},
        # The servers' own lines for each request have its query in them. Ours is for machines to read.
        "uvicorn.access": {"level": "CRITICAL"},
        "placet.access": {"level": "NOTSET" if _log_format == "json" else "CRITICAL"},
        # Statements are logged with what they carry.
        "django.db.backends": {"level": "INFO"},
        # Django's line names a setting that is not ours, above a traceback; placet.health says it in a sentence.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
