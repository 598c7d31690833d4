"""Settings: read once, checked at once, and the same in config.py, the example file and the README."""

import base64
import random
import re
import stat
import subprocess
import sys

import pytest
from sqlalchemy import make_url

import config
from config import PROJECT_DIR, VARIABLES, ConfigError, child_environment, load_settings

COMPLETE = {
    "CRICVERSE_ENV": "production",
    "SECRET_KEY": "k7Rr2vWq9ZpL4tXc8NsBf3HyJd6MgAeU",
    "DATABASE_URL": "postgresql://postgres:wT8mQz4LrV2k@db.example.org:5432/postgres",
    "APP_DATABASE_PASSWORD": "Jp5xN8cRw3Ft6Yb1",
    "STRIPE_PUBLISHABLE_KEY": "pk_live_abc",
    "STRIPE_SECRET_KEY": "sk_live_Zr7Kq2Vn9Xm4Bt6Ld8Hs3Wc5",
    "STRIPE_WEBHOOK_SECRET": "whsec_q9Td4Gk7Rz2Mx8Lb5Wn3Vc6H",
    "SENDGRID_API_KEY": "SG.f3Yp8Kx5Jw2Rb7.Qm4Vt9Zc6Ln1Hd",
    "MAIL_FROM": "tickets@example.org",
    "PUBLIC_URL": "https://tickets.example.org",
    "QR_MASTER_KEY": "v0Yw7m2qT9cJx5LrKzN8bHd1GfP4sAeUiW6oRt3XyQk=",
    "CRICVERSE_ENV_FILE": "/dev/null",
}


@pytest.fixture
def laptop(tmp_path):
    """The environment of a machine without any key."""
    return {"CRICVERSE_HOME": str(tmp_path / "home"), "CRICVERSE_ENV_FILE": "/dev/null"}


def problems(environ):
    with pytest.raises(ConfigError) as refusal:
        load_settings(environ)
    return refusal.value.problems


def test_a_laptop_needs_nothing(laptop):
    settings = load_settings(laptop)
    assert settings.environment == "development" and settings.embedded and not settings.is_secure
    assert settings.public_url == "http://127.0.0.1:5000"
    assert settings.sandboxed == ("stripe", "sendgrid", "twilio", "openai")
    assert len(settings.secret_key) >= 32 and len(settings.qr_master_key) == 32 and settings.app_database_password


def test_made_secrets_are_kept_and_private(laptop):
    first, second = load_settings(laptop), load_settings(laptop)
    assert first == second
    for name in ("secret_key", "app_database_password"):
        assert stat.S_IMODE((first.home / name).stat().st_mode) == 0o600


def test_processes_that_start_together_make_one_secret(laptop):
    code = "from config import load_settings; print(load_settings().secret_key)"
    started = [
        subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT_DIR, env=laptop, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert len({process.communicate(timeout=60)[0] for process in started}) == 1


def test_production_names_everything_that_is_missing():
    named = problems({"CRICVERSE_ENV": "production", "CRICVERSE_ENV_FILE": "/dev/null"})
    assert set(COMPLETE) - {"CRICVERSE_ENV", "CRICVERSE_ENV_FILE"} == set(named)


def test_a_complete_production_is_accepted():
    settings = load_settings(COMPLETE)
    assert settings.is_public and settings.is_secure and settings.sandboxed == ()
    assert settings.stripe_api_base == "https://api.stripe.com" and settings.qr_master_key == base64.b64decode(
        COMPLETE["QR_MASTER_KEY"]
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "changeme"),
        ("SECRET_KEY", "a" * 64),
        ("STRIPE_SECRET_KEY", "sk_test_abc"),
        ("STRIPE_PUBLISHABLE_KEY", "pk_test_sandbox"),
        ("STRIPE_API_BASE", "http://127.0.0.1:5055"),
        ("STRIPE_JS_URL", "http://127.0.0.1:5055/v3/"),
        ("SENDGRID_API_BASE", "http://127.0.0.1:5055"),
        ("PUBLIC_URL", "http://tickets.example.org"),
        ("PUBLIC_URL", "https://tickets.example.org/shop"),
        ("QR_MASTER_KEY", "c2hvcnQ="),
        ("QR_MASTER_KEY", "not base64"),
        ("DATABASE_URL", "sqlite:///x.db"),
        ("DATABASE_URL", "nonsense"),
        ("PORT", "http"),
        ("PORT", "70000"),
        ("WEB_PROCESSES", "2"),
        ("ASYNC_MODE", "gevent"),
        ("TWILIO_AUTH_TOKEN", "d7Lk2Xq9Wm4Rz6Tn"),
    ],
)
def test_production_refuses(name, value):
    assert list(problems({**COMPLETE, name: value})) == ["TWILIO_ACCOUNT_SID" if name.startswith("TWILIO") else name]


def test_staging_takes_test_keys_of_stripe():
    key = COMPLETE["STRIPE_SECRET_KEY"].replace("live", "test")
    keys = {"STRIPE_SECRET_KEY": key, "STRIPE_PUBLISHABLE_KEY": "pk_test_abc"}
    assert load_settings({**COMPLETE, "CRICVERSE_ENV": "staging", **keys}).stripe_secret_key == key


def in_base64(text):
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


WEAK = [
    ("SECRET_KEY", "0123456789abcdefghijklmnopqrstuvwxyz"),
    ("SECRET_KEY", "cricketcricketcricketcricketcricketcri"),
    ("SECRET_KEY", "abcd1234" * 5),
    ("SECRET_KEY", "qwertyuiopasdfghjklzxcvbnm0987654321"),
    ("SECRET_KEY", "this-is-a-very-long-secret-key-for-production-use"),
    ("SECRET_KEY", "correct horse battery staple of cricverse"),
    ("SECRET_KEY", "replace-me-with-32-random-characters"),
    ("APP_DATABASE_PASSWORD", "cricverse"),
    ("APP_DATABASE_PASSWORD", "cricversecricversecricverse"),
    ("APP_DATABASE_PASSWORD", "test-app-password"),
    ("APP_DATABASE_PASSWORD", "bench-app-password"),
    ("APP_DATABASE_PASSWORD", "postgres-password"),
    ("APP_DATABASE_PASSWORD", "Password-12345678"),
    ("APP_DATABASE_PASSWORD", "short-T8x"),
    ("DATABASE_URL", "postgresql://postgres:pw@db.example.org:5432/postgres"),
    ("DATABASE_URL", "postgresql://postgres:postgres@db.example.org/postgres"),
    ("DATABASE_URL", "postgresql://postgres:%5Byour-password%5D@db.example.org/postgres"),
    ("DATABASE_URL", "postgresql://postgres@db.example.org/postgres?password=letmein"),
    ("STRIPE_SECRET_KEY", "sk_live_abc"),
    ("STRIPE_WEBHOOK_SECRET", "whsec_test"),
    ("STRIPE_WEBHOOK_SECRET", "whsec_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
    ("SENDGRID_API_KEY", "SG.sandbox"),
    ("OPENAI_API_KEY", "sk-your-openai-key-here"),
    ("REDIS_URL", "redis://:redis@10.0.0.5:6379/0"),
    ("QR_MASTER_KEY", in_base64(bytes(32))),
    ("QR_MASTER_KEY", in_base64(bytes(range(32)))),
    ("QR_MASTER_KEY", in_base64(b"\x01\x02" * 16)),
    ("QR_MASTER_KEY", in_base64("cricverse-master-key-production!")),
]


@pytest.mark.parametrize("environment", ["staging", "production"])
@pytest.mark.parametrize(("name", "value"), WEAK)
def test_a_weak_secret_is_refused_by_name_and_never_shown(name, value, environment):
    keys = {"STRIPE_SECRET_KEY": COMPLETE["STRIPE_SECRET_KEY"]}
    with pytest.raises(ConfigError) as refusal:
        load_settings({**COMPLETE, **keys, name: value, "CRICVERSE_ENV": environment})
    assert list(refusal.value.problems) == [name]
    assert "too easy to guess" in str(refusal.value) and value not in str(refusal.value)
    assert not re.search("letmein|pw@|redis@|whsec_", str(refusal.value))


@pytest.mark.parametrize(
    ("name", "value", "other"),
    [
        ("APP_DATABASE_PASSWORD", COMPLETE["SECRET_KEY"], "SECRET_KEY"),
        ("APP_DATABASE_PASSWORD", "wT8mQz4LrV2k", "DATABASE_URL"),
        ("QR_MASTER_KEY", in_base64(COMPLETE["SECRET_KEY"]), "SECRET_KEY"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_" + COMPLETE["STRIPE_SECRET_KEY"][8:], "STRIPE_SECRET_KEY"),
        ("REDIS_URL", "redis://:Jp5xN8cRw3Ft6Yb1@10.0.0.5:6379/0", "APP_DATABASE_PASSWORD"),
    ],
)
def test_a_secret_is_used_once(name, value, other):
    named = problems({**COMPLETE, name: value})
    assert {name, other} >= set(named) and name in named
    assert all("same as" in sentence or "easy to guess" in sentence for sentence in named.values())


def test_secrets_as_people_and_providers_make_them_are_accepted():
    """What generators make passes, in hex or in letters and digits, and not by luck."""
    chance = random.Random(12)
    letters, hexes = "abcdefghijklmnopqrstuvwxyz", "0123456789abcdef"
    alphabet = letters + letters.upper() + "0123456789"
    for _ in range(300):

        def some(n, of=alphabet):
            return "".join(chance.choices(of, k=n))

        load_settings(
            {
                **COMPLETE,
                "SECRET_KEY": chance.choice([some(32, hexes), some(64, hexes), some(48)]),
                "APP_DATABASE_PASSWORD": chance.choice([some(16), some(32, hexes), some(43)]),
                "DATABASE_URL": f"postgresql://postgres:{some(12)}@db.example.org/postgres",
                "STRIPE_SECRET_KEY": f"sk_live_{some(24)}",
                "STRIPE_WEBHOOK_SECRET": f"whsec_{some(32)}",
                "SENDGRID_API_KEY": f"SG.{some(22)}.{some(43)}",
                "TWILIO_ACCOUNT_SID": "AC1",
                "TWILIO_AUTH_TOKEN": some(32, hexes),
                "QR_MASTER_KEY": in_base64(chance.randbytes(32)),
            }
        )
    without = COMPLETE["DATABASE_URL"].replace(":wT8mQz4LrV2k", "")
    assert load_settings({**COMPLETE, "DATABASE_URL": without, "REDIS_URL": "redis://10.0.0.5:6379/0"}).is_public


def test_half_of_stripe_is_refused_on_a_laptop_too(laptop):
    assert list(problems({**laptop, "STRIPE_SECRET_KEY": "sk_test_abc"})) == ["STRIPE_PUBLISHABLE_KEY"]


def test_more_processes_are_fine_with_redis():
    assert load_settings({**COMPLETE, "WEB_PROCESSES": "4", "REDIS_URL": "redis://127.0.0.1:6379/0"}).web_processes == 4


def test_the_sandbox_stands_in_for_stripe_and_mail(laptop):
    settings = load_settings({**laptop, "SANDBOX_PORT": "5999"})
    assert settings.stripe_api_base == settings.sendgrid_api_base == "http://127.0.0.1:5999"
    assert settings.stripe_js_url == "http://127.0.0.1:5999/v3/"
    assert (settings.stripe_secret_key, settings.stripe_publishable_key) == ("sk_test_sandbox", "pk_test_sandbox")
    assert settings.stripe_webhook_secret.startswith("whsec_sandbox")


def test_secrets_stay_out_of_the_representation():
    text = repr(
        load_settings(
            {
                **COMPLETE,
                "SUPABASE_KEY": "anon-key",
                "REDIS_URL": "redis://:g5Rk9Xw2Tn7Bq@h/0",
                "OPENAI_API_KEY": "sk-c8Wv3Jm6Zt1Pf4Ky",
            }
        )
    )
    for secret in (
        COMPLETE["SECRET_KEY"],
        "sk_live",
        "whsec",
        "SG.f3Yp",
        COMPLETE["APP_DATABASE_PASSWORD"],
        "wT8mQz4LrV2k",
        "anon-key",
        "g5Rk9Xw2Tn7Bq",
        "sk-c8Wv",
    ):
        assert secret not in text


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_every_spelling_of_postgresql_means_psycopg2(scheme):
    assert (
        config.normalise_database_url(f"{scheme}://u:p%40%25@h/db?sslmode=require")
        == "postgresql+psycopg2://u:p%40%25@h/db?sslmode=require"
    )


def test_the_two_logins_keep_the_poolers_project():
    settings = load_settings(
        {
            **COMPLETE,
            "DATABASE_URL": "postgres://postgres.abcd:wT8mQz4LrV2k@pooler.example.org:5432/postgres?pgbouncer=true",
        }
    )
    web, worker = make_url(settings.app_url), make_url(settings.worker_url)
    assert (web.username, worker.username) == ("cv_app.abcd", "cv_worker.abcd")
    assert (
        web.password == worker.password == COMPLETE["APP_DATABASE_PASSWORD"]
        and web.host == "pooler.example.org"
        and not web.query
    )


def test_the_real_environment_wins_over_the_file(laptop, tmp_path):
    file = tmp_path / "own.env"
    file.write_text('PORT=6001\nMAIL_FROM_NAME="Dollar $HOME Club"\nLOG_LEVEL=debug\n')
    settings = load_settings({**laptop, "CRICVERSE_ENV_FILE": str(file), "PORT": "6002"})
    assert (settings.port, settings.mail_from_name, settings.log_level) == (6002, "Dollar $HOME Club", "DEBUG")


def test_a_missing_file_is_named(laptop):
    assert list(problems({**laptop, "CRICVERSE_ENV_FILE": "/nowhere/own.env"})) == ["CRICVERSE_ENV_FILE"]


def test_a_child_process_sees_the_same_settings(laptop):
    settings = load_settings(laptop).with_database("postgresql://postgres:pw@127.0.0.1:15432/cricverse")
    assert load_settings(child_environment(settings, laptop)) == settings


def example_values():
    lines = (PROJECT_DIR / "cricverse.env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_the_example_names_every_variable_with_its_default():
    assert example_values() == VARIABLES


def test_the_example_explains_every_variable():
    lines = (PROJECT_DIR / "cricverse.env.example").read_text().splitlines()
    groups = [group for group in re.split(r"(?m)^#.*\n", "\n".join(lines) + "\n") if group.strip()]
    # A line of comment stands above each, and at most over the three that belong together.
    assert all(len(group.split()) <= 3 for group in groups)


def test_the_example_can_be_copied_as_it_is(laptop):
    untouched = load_settings(laptop)
    assert load_settings({**laptop, "CRICVERSE_ENV_FILE": str(PROJECT_DIR / "cricverse.env.example")}) == untouched


def test_the_readme_lists_every_variable():
    readme = (PROJECT_DIR / "README.md").read_text()
    listed = set(re.findall(r"^\| *`([A-Z][A-Z0-9_]+)`", readme, re.MULTILINE))
    assert listed == set(VARIABLES), f"missing: {set(VARIABLES) - listed}, unknown: {listed - set(VARIABLES)}"
