"""Who acts: a person with the posts held today and the roles granted over subtrees of units.

Rights are role × unit subtree × classification × participation. The filters that lists use stand in
``workflows/queries/access.py``; what an actor may not see is answered as not found.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.errors import NotAllowedError

SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A post that the actor holds (or stands in for) today."""

    post_id: str
    key: str
    unit_id: str
    unit_path: str


@dataclass(frozen=True, slots=True)
class GrantedRole:
    """A role over the units whose path begins with ``unit_path``."""

    role: str
    unit_path: str

    @property
    def covers_all(self) -> bool:
        """Whether it is granted at a root: over every unit of its tree."""
        return self.unit_path.strip("/").count("/") == 0


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. ``person_id`` None is the system itself, acting by the clock or by deployment."""

    person_id: str | None
    code: str
    name: str
    posts: tuple[HeldPost, ...] = ()
    roles: tuple[GrantedRole, ...] = ()
    clearance: str = "internal"
    via: str = "api"
    request_id: str | None = None

    @property
    def is_system(self) -> bool:
        """Whether the system acts by itself."""
        return self.person_id is None

    @property
    def post_ids(self) -> tuple[str, ...]:
        """Return the ids of the posts held today."""
        return tuple(post.post_id for post in self.posts)

    def subtrees(self, *roles: str) -> tuple[str, ...]:
        """Return the unit paths over which the actor has any of ``roles``."""
        return tuple(granted.unit_path for granted in self.roles if granted.role in roles)

    def has_role(self, *roles: str, unit_path: str | None = None) -> bool:
        """Whether the actor has one of ``roles``, over ``unit_path`` when one is given."""
        return self.is_system or any(
            granted.role in roles and (unit_path is None or unit_path.startswith(granted.unit_path))
            for granted in self.roles
        )

    def require_role(self, *roles: str, unit_path: str | None = None) -> None:
        """Raise ``NotAllowedError`` unless the actor has one of ``roles`` there; without a unit, over everything.

        Law, calendars and accounts hold for the whole tree: a district's administrator has no say in them.
        """
        everywhere = any(granted.role in roles and granted.covers_all for granted in self.roles)
        allowed = self.is_system or everywhere if unit_path is None else self.has_role(*roles, unit_path=unit_path)
        if not allowed:
            message = f"Expected {self.code} to have one of the roles {', '.join(roles)}."
            raise NotAllowedError(message, code="missing-role", roles=list(roles))


def system_actor(via: str = "scheduler") -> Actor:
    """Return the system as an actor."""
    return Actor(None, SYSTEM, SYSTEM, via=via, clearance="confidential")
