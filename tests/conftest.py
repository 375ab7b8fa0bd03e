"""One throw-away home with an embedded PostgreSQL for the whole run; each parallel worker has its own database and files."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

_BASE = Path(os.environ.get("ZHIKE_TEST_BASE") or tempfile.mkdtemp(prefix="zhike-test-"))
_OWNER = "ZHIKE_TEST_BASE" not in os.environ
os.environ["ZHIKE_TEST_BASE"] = str(_BASE)
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
os.environ["ZHIKE_HOME"] = str(_BASE / _WORKER)
os.environ["DJANGO_SETTINGS_MODULE"] = "zhike.settings"

from zhike.core.embedded import Embedded, socket_folder  # noqa: E402

_server = Embedded(_BASE / "server", fast_and_unsafe=True)
os.environ["DATABASE_URL"] = f"postgresql://postgres@/postgres?host={socket_folder(_server.home)}"

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from pytest_django.plugin import DjangoDbBlocker  # noqa: E402

assert settings.DATABASES  # loads the settings, so that pytest-django finds them
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one is slow on purpose

hypothesis.settings.register_profile("zhike", deadline=None)  # how long an example takes says nothing on a busy machine
hypothesis.settings.load_profile("zhike")

SHARED_DATA = Path(__file__).parents[1].parent / "shared" / "data"


def pytest_configure(config: pytest.Config) -> None:
    if not config.option.collectonly:
        _server.ensure()


def pytest_unconfigure(config: pytest.Config) -> None:
    _server.release()
    if _OWNER:
        shutil.rmtree(socket_folder(_server.home), ignore_errors=True)
        shutil.rmtree(_BASE, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Tests with real commits empty all tables afterwards, also the audit trail, which refuses that in the product.

    At the end the connections that threads of tests left open are closed, so that the database can be dropped."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE zhike_auditentry DISABLE TRIGGER audit_not_emptied")
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
def shared_data() -> Path:
    """The folder of real data sets beside the project; tests that need it skip where it is absent."""
    if not SHARED_DATA.exists():
        pytest.skip("needs ../shared/data, which is not here")
    return SHARED_DATA


@pytest.fixture
def no_partitions_left() -> Iterator[None]:
    """Runs and analyses make tables that emptying the others does not take away."""
    from zhike.value import writeback

    yield
    for table in (writeback.SCORES, writeback.FINDINGS):
        for key in table.known():
            table.drop(key)
