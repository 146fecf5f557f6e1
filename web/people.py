"""组织与人员: a unit with its posts and holders by period, a person, and the hand-over of everything they hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from api import people as bodies
from api.organisation import PostBody, UnitBody
from api.wording import word_error, word_field
from web.blueprint import act, actor, ask, pages
from web.given import given
from web.organisation import organisation_page
from workflows import accounts, handovers, people, proxies
from workflows.errors import FieldFault, RejectedError, WrongStateError
from workflows.handovers import pointer_of
from workflows.people import NewUnit
from workflows.queries.belongings import belongings_of
from workflows.queries.choices import anybody_choices, unit_choices
from workflows.queries.holdings import posts_of_unit, profile_of
from workflows.queries.people import one_unit, post_keys, units_below
from workflows.rights import require_keeper_of, require_organiser, require_post_giver, require_rights_keeper
from workflows.tables import Classification, Role

_REFUSED = 422
_OF_POST = "/units/<unit_code>/posts/<post_key>"
Answered = Response | str
Fault = tuple[str, str]


# ------------------------------------------------------------------ a unit and its posts


@pages.get("/units/<unit_code>")
def unit_page(unit_code: str) -> str:
    """Show the posts of a unit with who holds them, who will, and who stands in; with history who did."""
    return _unit_page(unit_code)


def _unit_page(unit_code: str, faults: list[Fault] | None = None) -> str:
    unit = ask(one_unit, unit_code)
    return render_template(
        "unit.html",
        unit=unit,
        posts=ask(posts_of_unit, unit_code, history=request.args.get("history") == "1"),
        history=request.args.get("history") == "1",
        people=ask(anybody_choices),
        keys=ask(post_keys),
        below=ask(units_below, unit_code),
        keeps=actor().has_role(Role.SYSADMIN, unit_path=unit.path),
        my_posts={post.key for post in actor().posts if post.unit_path == unit.path},
        faults=faults or [],
        given=request.form,
    )


@pages.post("/units")
def create_unit() -> Answered:
    """Make a unit below the one that the form stands on."""
    parent = request.form.get("parent", "").strip()
    ask(require_organiser, parent or None, actor=actor())

    def make() -> None:
        act(people.create_unit, NewUnit(**given(UnitBody)), actor=actor())

    where = url_for("web.unit_page", unit_code=parent) if parent else url_for("web.organisation_page")
    return _try(make, gettext("已设立单位。"), where, lambda faults: _organised(parent, faults))


def _organised(parent: str, faults: list[Fault]) -> str:
    return _unit_page(parent, faults) if parent else organisation_page(faults)


@pages.post("/units/<unit_code>/posts")
def create_post(unit_code: str) -> Answered:
    """Make a post at a unit."""
    ask(require_organiser, unit_code, actor=actor())

    def make() -> None:
        body = given(PostBody)
        act(people.create_post, unit_code, body.pop("key"), actor=actor(), **body)

    return _on_unit(unit_code, make, gettext("已设立职务。"))


@pages.post(f"{_OF_POST}/holdings")
def assign(unit_code: str, post_key: str) -> Answered:
    """Let a person hold a post."""
    ask(require_post_giver, unit_code, post_key, actor=actor())

    def make() -> None:
        body = given(bodies.HoldingBody)
        act(people.assign_post, body.pop("person"), unit_code, post_key, actor=actor(), **body)

    return _on_unit(unit_code, make, gettext("已任职。"))


@pages.post(f"{_OF_POST}/holdings/end")
def end_holding(unit_code: str, post_key: str) -> Answered:
    """End a holding."""
    ask(require_post_giver, unit_code, post_key, actor=actor())

    def make() -> None:
        body = given(bodies.EndingBody)
        act(people.end_holding, body.pop("person"), unit_code, post_key, actor=actor(), **body)

    return _on_unit(unit_code, make, gettext("已免去职务，已签收的待办退回职务。"))


@pages.post(f"{_OF_POST}/proxies")
def grant_proxy(unit_code: str, post_key: str) -> Answered:
    """Let a person act for a post for a while."""
    ask(proxies.require_proxy_giver, unit_code, post_key, actor=actor())

    def make() -> None:
        body = given(bodies.ProxyBody)
        act(proxies.grant_proxy, body.pop("person"), unit_code, post_key, actor=actor(), **body)

    return _on_unit(unit_code, make, gettext("已设代理。"))


@pages.post("/proxies/<proxy_id>/end")
def end_proxy(proxy_id: str) -> Response:
    """End a proxy today."""
    act(proxies.end_proxy, proxy_id, actor=actor())
    flash(gettext("代理已结束。"))
    unit = request.form.get("unit", "")
    return redirect(url_for("web.unit_page", unit_code=unit) if unit else url_for("web.organisation_page"))


def _on_unit(unit_code: str, make: Callable[[], None], done: str) -> Answered:
    where = url_for("web.unit_page", unit_code=unit_code)
    return _try(make, done, where, lambda faults: _unit_page(unit_code, faults))


# ------------------------------------------------------------------ a person


@pages.get("/people/<person_code>")
def person_page(person_code: str) -> str:
    """Show a person with every post they held, hold and will hold; rights and account to administrators."""
    return _person_page(person_code)


def _person_page(person_code: str, faults: list[Fault] | None = None) -> str:
    return render_template(
        "person.html",
        person=ask(profile_of, person_code, actor=actor()),
        units=ask(unit_choices),
        roles=[role.value for role in Role],
        levels=[level.value for level in Classification],
        faults=faults or [],
        given=request.form,
    )


@pages.post("/people")
def create_person() -> Answered:
    """Make a person without posts, roles or password."""
    ask(require_organiser, None, actor=actor())

    def make() -> None:
        body = given(bodies.PersonBody)
        act(people.create_person, body.pop("code"), actor=actor(), **body)

    where = url_for("web.organisation_page", q=request.form.get("code", ""))
    return _try(make, gettext("已登记人员。"), where, _new_person)


def _new_person(faults: list[Fault]) -> str:
    return render_template("person_new.html", faults=faults, given=request.form)


@pages.get("/people/new")
def new_person_page() -> str:
    """Ask who the new person is."""
    ask(require_organiser, None, actor=actor())
    return render_template("person_new.html", faults=[], given={})


@pages.post("/people/<person_code>/disable")
def disable(person_code: str) -> Answered:
    """Forbid a person everything from now on."""
    return _on_account(accounts.disable_person, person_code, Role.SYSADMIN, gettext("账号已停用。"))


@pages.post("/people/<person_code>/enable")
def enable(person_code: str) -> Answered:
    """Let a disabled person in again."""
    return _on_account(accounts.enable_person, person_code, Role.SYSADMIN, gettext("账号已启用。"))


@pages.post("/people/<person_code>/unlock")
def unlock(person_code: str) -> Answered:
    """Lift a lock-out before its time."""
    return _on_account(accounts.unlock_account, person_code, Role.SECADMIN, gettext("已解除锁定。"))


def _on_account(use_case: Callable[..., None], person_code: str, role: Role, done: str) -> Answered:
    ask(require_keeper_of, person_code, role, actor=actor())
    return _on_person(person_code, lambda: act(use_case, person_code, actor=actor()), done)


@pages.post("/people/<person_code>/password")
def set_password(person_code: str) -> Answered:
    """Give a person a new password; all their logins end."""
    ask(require_keeper_of, person_code, Role.SYSADMIN, actor=actor())

    def make() -> None:
        act(accounts.set_password, person_code, given(bodies.PasswordBody)["password"], actor=actor())

    return _on_person(person_code, make, gettext("已设新密码，此人须重新登录。"))


@pages.post("/people/<person_code>/roles")
def grant_role(person_code: str) -> Answered:
    """Give a role over a unit and all below it."""
    ask(require_rights_keeper, person_code, actor=actor())

    def make() -> None:
        body = given(bodies.RoleBody)
        act(people.grant_role, person_code, body.pop("role"), body.pop("unit"), actor=actor(), **body)

    return _on_person(person_code, make, gettext("已授予角色。"))


@pages.post("/people/<person_code>/roles/revoke")
def revoke_role(person_code: str) -> Answered:
    """Take a role away from now on."""
    ask(require_rights_keeper, person_code, actor=actor())

    def make() -> None:
        body = given(bodies.RevokedRoleBody)
        act(people.revoke_role, person_code, body["role"], body["unit"], actor=actor())

    return _on_person(person_code, make, gettext("已收回角色。"))


@pages.post("/people/<person_code>/clearance")
def set_clearance(person_code: str) -> Answered:
    """Say up to which classification a person may see."""
    ask(require_keeper_of, person_code, Role.SECADMIN, actor=actor())

    def make() -> None:
        act(people.set_clearance, person_code, given(bodies.ClearanceBody)["clearance"], actor=actor())

    return _on_person(person_code, make, gettext("已调整知悉范围。"))


def _on_person(person_code: str, make: Callable[[], None], done: str) -> Answered:
    where = url_for("web.person_page", person_code=person_code)
    return _try(make, done, where, lambda faults: _person_page(person_code, faults))


# ------------------------------------------------------------------ hand-over


@pages.get("/people/<person_code>/hand-over")
def hand_over_page(person_code: str) -> str:
    """Show everything that somebody holds, and ask who receives it."""
    return _hand_over_page(person_code)


def _hand_over_page(person_code: str, faults: list[Fault] | None = None, at: Mapping[str, str] | None = None) -> str:
    held = ask(belongings_of, person_code, actor=actor())
    return render_template(
        "hand_over.html",
        held=held,
        ids={each.item: _id(pointer_of(each.item)) for each in held.items},
        people=[choice for choice in ask(anybody_choices) if choice[0] != person_code],
        faults=faults or [],
        at=at or {},
        given=request.form,
    )


@pages.post("/people/<person_code>/hand-over")
def hand_over(person_code: str) -> Answered:
    """Give everything on in one act, or tell at each item why not."""
    ask(require_keeper_of, person_code, Role.SYSADMIN, actor=actor())
    try:
        done = _hand_over(person_code)
    except RejectedError as fault:
        at = {_place(each): word_field(each) for each in fault.faults}
        linked = [(_place(each), word_field(each)) for each in fault.faults] or _places(fault)
        return make_response(_hand_over_page(person_code, linked, at), _REFUSED)
    told = gettext(
        "已交接：职务 %(posts)d 个，待办 %(tasks)d 件，发起的办件 %(cases)d 件，代理 %(proxies)d 个。",
        posts=done.posts,
        tasks=done.tasks,
        cases=done.cases,
        proxies=done.proxies,
    )
    flash(told)
    return redirect(url_for("web.person_page", person_code=person_code))


def _hand_over(person_code: str) -> handovers.HandedOver:
    """Read who receives what: ``item/<key>`` is a person, ``-`` for nobody, empty for whoever receives the rest."""
    chosen = {
        name.removeprefix("item/"): "" if value.strip() == "-" else value.strip()
        for name, value in request.form.items()
        if name.startswith("item/") and value.strip()
    }
    body = given(bodies.HandOverBody, receivers=chosen)
    return act(handovers.hand_everything_over, person_code, actor=actor(), **body)


# ------------------------------------------------------------------ faults


def _try(make: Callable[[], None], done: str, where: str, show: Callable[[list[Fault]], str]) -> Answered:
    try:
        make()
    except (RejectedError, WrongStateError) as fault:
        return make_response(show(_places(fault)), _REFUSED)
    flash(done)
    return redirect(where)


def _places(fault: RejectedError | WrongStateError) -> list[Fault]:
    """Return where on the page each fault belongs, and its words."""
    faults: tuple[FieldFault, ...] = fault.faults if isinstance(fault, RejectedError) else ()
    if not faults:
        return [("", word_error(fault).detail)]
    return [("", word_field(each)) for each in faults]  # several forms of the page have a field of this name


def _place(fault: FieldFault) -> str:
    return _id(fault.pointer)


def _id(pointer: str) -> str:
    return "f" + pointer.replace("/", "-").replace(":", "-").replace("~", "-")
