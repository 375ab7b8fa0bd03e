"""Settings of the one Django project. What an administrator changes while it runs is a `core.models.Setting`, not here."""

import importlib.util
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from zhike.core import embedded, home

PACKAGE = Path(__file__).parent
HOME = home.path()
SECRET_KEY = os.environ.get("ZHIKE_SECRET_KEY") or home.secret_key()
DEBUG = os.environ.get("ZHIKE_DEBUG") == "1"
HTTPS = os.environ.get("ZHIKE_HTTPS") == "1"
ALLOWED_HOSTS = os.environ.get("ZHIKE_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if HTTPS]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "zhike",
]
MIDDLEWARE = [
    "zhike.web.middleware.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "zhike.web.middleware.Compressed",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "zhike.web.middleware.Person",
    "zhike.web.middleware.Locale",
    "zhike.web.middleware.Origin",
    "zhike.api.one_shape.OneShape",
    "zhike.web.middleware.SignedIn",
]
ROOT_URLCONF = "zhike.urls"
WSGI_APPLICATION = "zhike.wsgi.application"
AUTH_USER_MODEL = "zhike.User"
SESSION_ENGINE = "zhike.teams.session_store"
SILENCED_SYSTEM_CHECKS: list[str] = []
# put tables together that leave as files
SHEETS = ("zhike.web.lists.sheets", "zhike.web.value.sheets", "zhike.web.value.analyses.sheets", "zhike.api.sheets")


def _database() -> dict[str, Any]:
    url = os.environ.get("DATABASE_URL")
    common = {"ENGINE": "zhike.core.postgres", "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    if not url:
        return common | {"NAME": embedded.DATABASE, "USER": embedded.SUPERUSER, "HOST": str(embedded.socket_folder(HOME))}
    parts = urlsplit(url)
    return common | {
        "NAME": unquote(parts.path.lstrip("/")), "USER": unquote(parts.username or ""), "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""), "PORT": parts.port or "", "OPTIONS": dict(parse_qsl(parts.query)),
    }  # fmt: skip


DATABASES = {"default": _database()}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "zhike.web.jinja.environment"},
    },
]


def _of_ninja() -> Path:
    """What the page about the API shows. As an app of Django it would be loaded by the worker too, with pydantic."""
    spec = importlib.util.find_spec("ninja")
    return Path(spec.origin or "").parent / "static" / "ninja" if spec else PACKAGE


LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [PACKAGE / "web" / "static", ("ninja", _of_ninja())]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": HOME / "files"}},
    "staticfiles": {"BACKEND": "zhike.web.static_files.StaticFiles"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True  # nobody asks for a file by another name
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_HANDLERS = ["zhike.core.uploads.TidyUpload"]
FILE_UPLOAD_TEMP_DIR = home.folder("incoming")

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/"
OTP_TOTP_ISSUER = "Zhike"
OTP_TOTP_THROTTLE_FACTOR = 0  # attempts are counted with all other sign-ins, see teams/actions/sign_in.py

SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
if HTTPS:  # no other host of the domain, and no page without encryption, can set these
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
CSRF_FAILURE_VIEW = "zhike.web.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

PROCRASTINATE_IMPORT_PATHS = ["zhike.jobs.tasks"]
PROCRASTINATE_WORKER_DEFAULTS = {"update_heartbeat_interval": 2.0, "stalled_worker_timeout": 8.0}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"zhike": {"level": "INFO"}, "django.request": {"level": "ERROR"}},
}
