"""Who the humans are, the one workspace they share, and the sessions they are signed in with."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from placet.lib.actors import Actor
from placet.lib.ids import NIL, new_id


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    MEMBER = "member", "Member"


class Theme(models.TextChoices):
    SYSTEM = "system", "System"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class UserManager(BaseUserManager["User"]):
    def active(self) -> "models.QuerySet[User]":
        return self.filter(is_active=True)

    def owners(self) -> "models.QuerySet[User]":
        return self.active().filter(role=Role.OWNER)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A human who signs in by e-mail. Owners see every agent and run the workspace."""

    id: "models.UUIDField[UUID, UUID]" = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    email = models.EmailField(unique=True)
    display_name = models.CharField(max_length=100)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    must_change_password = models.BooleanField(default=False)
    theme = models.CharField(max_length=10, choices=Theme.choices, default=Theme.SYSTEM)
    shortcuts = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.email

    @property
    def is_owner(self) -> bool:
        return self.role == Role.OWNER

    @property
    def is_staff(self) -> bool:
        """Django admin is the owners' rescue tool."""
        return self.is_owner

    def as_actor(self) -> Actor:
        return Actor(kind="human", user_id=self.pk, is_owner=self.is_owner, name=self.display_name)


class Workspace(models.Model):
    """The one workspace of a deployment. Its fixed primary key decides the race of two people setting up at once."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    name = models.CharField(max_length=100, default="Placet")
    slug = models.SlugField(default="placet")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="workspace_only_one")]

    def __str__(self) -> str:
        return self.name


class SessionQuerySet(models.QuerySet["Session"]):
    def live(self, at: datetime) -> "SessionQuerySet":
        return self.filter(expire_date__gt=at, user__is_active=True)

    def ended_by(self, actor: Actor) -> "SessionQuerySet":
        """The sessions this actor may end: one's own; a workspace owner's rescue tool reaches all."""
        return (
            self.all()
            if actor.is_owner or actor.kind == "system"
            else self.filter(user_id=actor.user_id or NIL)
        )


class Session(models.Model):
    """A browser session that knows whose it is, so people can see and end theirs.

    The primary key is a hash of the key in the cookie: a copy of this table signs nobody in.
    """

    session_key = models.CharField(primary_key=True, max_length=64)
    session_data = models.TextField()
    expire_date = models.DateTimeField(db_index=True)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    user_agent = models.CharField(max_length=300, blank=True)
    address = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["-seen_at"]

    def __str__(self) -> str:
        return f"{self.session_key[:8]}…"
