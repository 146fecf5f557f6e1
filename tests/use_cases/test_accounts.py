from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.city_scene import PASSWORD, City
from workflows import accounts
from workflows.accounts import LoggedIn, LoginRefused, NewSession, NewToken
from workflows.errors import LoginError, NotAllowedError, NotFoundError, RejectedError
from workflows.passwords import check_new_password, hash_password, is_outdated, matches
from workflows.settings import Settings
from workflows.store import Store
from workflows.tables import Person, Session, Token


def log_in(city: City, username: str = "clerk", password: str = PASSWORD) -> NewSession:
    opened = city.run(accounts.log_in, username, password, client="a test")
    assert isinstance(opened, NewSession)
    return opened


def is_refused(city: City, username: str = "clerk", password: str = "wrong") -> bool:
    return isinstance(city.run(accounts.log_in, username, password), LoginRefused)


def person(city: City, username: str = "clerk") -> Person:
    return city.read(lambda store: store.session.scalars(select(Person).where(Person.username == username)).one())


# ------------------------------------------------------------------ logging in


def test_the_right_password_opens_a_session_with_todays_posts(city: City):
    opened = log_in(city)

    seen = city.read(accounts.session_actor, opened.secret, request_id="r1")

    assert seen.actor.code == city.code("clerk")
    assert seen.actor.posts[0].key == "经办"
    assert seen.actor.request_id == "r1"
    assert seen.is_fresh


def test_the_database_never_holds_the_secret(city: City):
    opened = log_in(city)

    digests = city.read(lambda store: list(store.session.scalars(select(Session.digest))))
    assert opened.secret not in "".join(digests)
    assert len(digests[0]) == 64


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("clerk", "wrong"),
        ("clerk", ""),
        ("nobody", PASSWORD),
        ("", ""),
        ("clerk", PASSWORD * 100),
        ("c\0", "x"),
        ("clerk", "\ud800"),
    ],
)
def test_every_wrong_login_gets_the_same_answer(city: City, username: str, password: str):
    refused = city.run(accounts.log_in, username, password)

    assert isinstance(refused, LoginRefused)
    assert refused.error().code == "login-failed"
    assert refused.error().params == {"attempts": 5, "minutes": 15}


def test_the_fifth_failure_locks_the_account_and_the_count_survives_every_refusal(city: City):
    for attempt in range(1, 5):
        assert is_refused(city)
        assert person(city).failed_logins == attempt

    assert is_refused(city)

    assert person(city).locked_until == city.clock.now() + timedelta(minutes=15)
    assert is_refused(city, password=PASSWORD)
    assert city.ledger("logins")[-2:] == ["account-locked", "login-refused"]


def test_a_lock_ends_by_itself_and_by_the_security_administrator(city: City):
    for _ in range(5):
        is_refused(city)
    city.pass_time(minutes=15)
    assert log_in(city).secret

    for _ in range(5):
        is_refused(city)
    city.run(accounts.unlock_account, city.code("clerk"), actor=city.actor("secadmin"))
    assert log_in(city).secret


def test_a_success_forgets_earlier_failures(city: City):
    for _ in range(4):
        is_refused(city)
    log_in(city)

    assert person(city).failed_logins == 0


def test_an_unknown_name_costs_the_same_work_as_a_known_one(city: City, monkeypatch: pytest.MonkeyPatch):
    """Counted, not timed: a real argon2 verification runs in both cases."""
    checked: list[str | None] = []

    def counting(settings: Settings, password_hash: str | None, password: str) -> bool:
        checked.append(password_hash)
        return matches(settings, password_hash, password)

    monkeypatch.setattr("workflows.accounts.passwords.matches", counting)
    is_refused(city, "nobody")
    is_refused(city, "clerk")

    assert checked[0] is None
    assert checked[1] is not None


def test_without_a_hash_no_password_matches():
    cheap = Settings(password_memory_kib=8, password_passes=1)

    assert not matches(cheap, None, "nobody has this password")
    assert not matches(cheap, "no hash at all", PASSWORD)


def test_a_hash_of_other_cost_is_renewed_at_the_next_login(city: City):
    settings = city.application.settings
    costlier = hash_password(Settings(password_memory_kib=16, password_passes=1), PASSWORD)

    def replace(store: Store) -> None:
        store.need(Person, person(city).id).password_hash = costlier

    city.run(replace)
    log_in(city)

    renewed = person(city).password_hash or ""
    assert is_outdated(settings, costlier)
    assert not is_outdated(settings, renewed)


# ------------------------------------------------------------------ sessions


def test_beyond_the_limit_the_oldest_session_ends(city: City):
    opened = []
    for _ in range(6):
        city.pass_time(minutes=1)
        opened.append(log_in(city))

    with pytest.raises(LoginError) as ended:
        city.read(accounts.session_actor, opened[0].secret)
    assert ended.value.code == "not-authenticated"
    assert all(city.read(accounts.session_actor, each.secret) for each in opened[1:])


def test_a_session_expires(city: City):
    opened = log_in(city)
    city.pass_time(hours=10)

    with pytest.raises(LoginError) as expired:
        city.read(accounts.session_actor, opened.secret)
    assert expired.value.code == "session-expired"


def test_logging_out_ends_the_session_and_twice_is_harmless(city: City):
    opened = log_in(city)
    city.run(accounts.log_out, opened.secret)
    city.run(accounts.log_out, opened.secret)
    city.run(accounts.log_out, "unknown")

    with pytest.raises(LoginError):
        city.read(accounts.session_actor, opened.secret)
    assert city.ledger("logins").count("logged-out") == 1


def test_old_sessions_are_forgotten_at_a_later_login(city: City):
    log_in(city)
    city.pass_time(days=31)
    log_in(city)

    assert city.read(lambda store: store.session.scalar(select(func.count()).select_from(Session))) == 1


def test_signing_needs_the_password_again(city: City):
    opened = log_in(city)
    city.pass_time(minutes=11)
    assert not city.read(accounts.session_actor, opened.secret).is_fresh

    assert isinstance(city.run(accounts.confirm_password, opened.secret, "wrong"), LoginRefused)
    assert person(city).failed_logins == 1
    confirmed = city.run(accounts.confirm_password, opened.secret, PASSWORD)

    assert isinstance(confirmed, LoggedIn)
    assert city.read(accounts.session_actor, opened.secret).is_fresh


def test_disabling_a_person_ends_everything_at_once(city: City):
    sysadmin, code = city.actor("sysadmin"), city.code("clerk")
    opened = log_in(city)
    token = city.run(accounts.create_token, name="script", actor=city.actor("clerk"))

    city.run(accounts.disable_person, code, actor=sysadmin)

    with pytest.raises(LoginError):
        city.read(accounts.session_actor, opened.secret)
    with pytest.raises(LoginError):
        city.read(accounts.authenticate_token, token.secret)
    assert is_refused(city, password=PASSWORD)

    city.run(accounts.enable_person, code, actor=sysadmin)
    assert log_in(city).secret
    with pytest.raises(LoginError):
        city.read(accounts.session_actor, opened.secret)


# ------------------------------------------------------------------ tokens


def test_a_token_stands_for_its_person_until_it_ends(city: City):
    made = city.run(accounts.create_token_by_password, "clerk", PASSWORD, name="script")
    assert isinstance(made, NewToken)

    assert city.read(accounts.authenticate_token, made.secret).code == city.code("clerk")
    assert made.expires_at == city.clock.now() + timedelta(days=90)
    city.pass_time(days=90)
    with pytest.raises(LoginError) as expired:
        city.read(accounts.authenticate_token, made.secret)
    assert expired.value.code == "token-invalid"


def test_wrong_passwords_for_tokens_lock_the_account_too(city: City):
    for _ in range(5):
        assert isinstance(city.run(accounts.create_token_by_password, "clerk", "wrong", name="x"), LoginRefused)

    assert is_refused(city, password=PASSWORD)


def test_only_the_owner_and_the_security_administrator_revoke_a_token(city: City):
    clerk, made = city.actor("clerk"), city.run(accounts.create_token, name="script", actor=city.actor("clerk"))
    other = city.run(accounts.create_token, name="other", actor=clerk, days=1)

    with pytest.raises(NotFoundError):
        city.run(accounts.revoke_token, made.id, actor=city.actor("supervisor"))
    city.run(accounts.revoke_token, made.id, actor=clerk)
    city.run(accounts.revoke_token, other.id, actor=city.actor("secadmin"))

    assert city.read(accounts.tokens_of, actor=clerk) == []
    assert city.read(lambda store: store.need(Token, made.id).ended_at) == city.clock.now()


@pytest.mark.parametrize(("name", "days"), [("", 1), ("x" * 301, 1), ("x", 0), ("x", 91)])
def test_a_token_without_name_or_beyond_its_days_is_refused(city: City, name: str, days: int):
    with pytest.raises(RejectedError):
        city.run(accounts.create_token, name=name, days=days, actor=city.actor("clerk"))
    assert city.read(accounts.tokens_of, actor=city.actor("clerk")) == []


# ------------------------------------------------------------------ passwords


def test_a_changed_password_ends_all_sessions(city: City):
    opened, clerk = log_in(city), city.actor("clerk")

    assert isinstance(city.run(accounts.change_password, "wrong", "a-better-one", actor=clerk), LoginRefused)
    assert city.run(accounts.change_password, PASSWORD, "a-better-one", actor=clerk) is None

    with pytest.raises(LoginError):
        city.read(accounts.session_actor, opened.secret)
    assert is_refused(city, password=PASSWORD)
    assert log_in(city, password="a-better-one").secret


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password-too-short"),
        ("x" * 501, "password-too-long"),
        ("x" * 12, "password-too-simple"),
        ("Longusername", "password-too-simple"),
    ],
)
def test_weak_passwords_are_refused(password: str, code: str):
    with pytest.raises(RejectedError) as refused:
        check_new_password(Settings(), password, username="longusername")

    assert refused.value.code == code


@pytest.mark.parametrize("username", ["clerk", "supervisor", "flowadmin", "auditor", "secadmin"])
def test_only_the_system_administrator_touches_accounts(city: City, username: str):
    code, actor = city.code("p001" if username == "clerk" else "clerk"), city.actor(username)

    with pytest.raises(NotAllowedError):
        city.run(accounts.set_password, code, "a-better-one", actor=actor)
    with pytest.raises(NotAllowedError):
        city.run(accounts.disable_person, code, actor=actor)
    with pytest.raises(NotAllowedError):
        city.run(accounts.enable_person, code, actor=actor)
    assert "password-changed" not in city.ledger("logins")


def test_nobody_disables_themself(city: City):
    with pytest.raises(NotAllowedError):
        city.run(accounts.disable_person, city.code("sysadmin"), actor=city.actor("sysadmin"))
    assert person(city, "sysadmin").status == "active"


def test_ten_guesses_at_once_are_all_counted(city: City):
    with ThreadPoolExecutor(10) as guessing:
        answers = list(guessing.map(lambda _: is_refused(city), range(10)))

    assert all(answers)
    assert person(city).locked_until is not None
    assert city.ledger("logins").count("login-refused") == 10
    assert city.ledger("logins").count("account-locked") == 1
