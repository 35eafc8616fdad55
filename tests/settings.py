"""Settings of the test run: the embedded shape in a throw-away folder, or the database PLACET_TEST_DATABASE_URL names."""

import os
import tempfile

from tests.processes import DOCUMENTED, SECRET

# Named though empty: a developer's own .env must not reach into a test.
os.environ |= dict.fromkeys(DOCUMENTED, "")
os.environ["PLACET_SECRET_KEY"] = SECRET
os.environ["PLACET_DATA_DIR"] = tempfile.mkdtemp(prefix="placet-test-")
os.environ["DATABASE_URL"] = os.environ.get("PLACET_TEST_DATABASE_URL", "")

from placet.settings import *  # noqa: F403
from placet.settings import DATABASES, PLACET_DATA_DIR, SPECTACULAR_SETTINGS  # noqa: F401

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1", "[::1]"]
if not os.environ.get("DATABASE_URL"):
    # A file, not memory: threads of one in-memory database die with "table is locked".
    DATABASES["default"]["TEST"] = {"NAME": PLACET_DATA_DIR / "test.sqlite3"}
else:
    DATABASES["default"]["TEST"] = {"NAME": f"test_placet_{os.getpid()}"}
    DATABASES["default"]["CONN_MAX_AGE"] = 0

# Argon2 is slow on purpose; one test checks that it is what ships.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Every test client loads the middleware, and whitenoise would look at each static file for it: 80 ms a test.
WHITENOISE_AUTOREFRESH = True
PLACET_RATE_PER_KEY = "1000000/minute"
PLACET_RATE_PER_ADDRESS = "1000000/minute"
PLACET_KEY_CACHE_SECONDS = 0.0
PLACET_LISTEN = False
