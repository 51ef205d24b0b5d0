"""People who sign in."""

from typing import Any

from django.contrib.auth.models import AbstractUser, BaseUserManager, Permission
from django.db import models
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.functional import cached_property

from plans.fast.data_version import DataVersion
from plans.fast.queries import Param, prepared

COMMAND_LINE_EMAIL = "command-line@localhost"
"""The address of the account that stands for whoever runs commands on the server. Nobody signs in with it."""


class UserManager(BaseUserManager["User"]):
    """Makes users, and finds them by e-mail address without regard to case."""

    def get_by_natural_key(self, email: str | None) -> "User":
        """Return the user of that address."""
        return self.get(email__iexact=email)

    def get_signed_in(self, pk: int) -> "User | None":
        """Return the user of that id, for the pages that they ask for; or None. One query.

        `is_administrator` is filled, and `data_version` is that of the database as it was then.
        """
        return next(iter(_person(pk=pk)), None)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a user who can sign in with `email` and `password` (without one: not until it is set)."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a user who may do everything."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """A person with a work e-mail address, by which they sign in."""

    username = first_name = last_name = None  # type: ignore[assignment]  # as Django's documentation removes them
    email = models.EmailField(
        "email address", unique=True, error_messages={"unique": "Someone already has this email address."}
    )
    is_command_line = False
    """Whether this stands for whoever runs commands on the server; never true of what the database answers."""
    name = models.CharField(max_length=150, blank=True, help_text="Name shown to others, for example Police updater.")
    gets_reminders = models.BooleanField("gets reminders by email", null=True, blank=True, default=None, editable=False)
    """What the person chose; None: what everyone gets who chose nothing, which is that they do."""
    gets_digest = models.BooleanField("gets the weekly digest", null=True, blank=True, default=None, editable=False)
    """What the person chose; None: what everyone gets who chose nothing: programme admins do, no one else does."""

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()  # type: ignore[misc, assignment]  # one of our own

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique_without_case",
                violation_error_message="Someone already has this email address.",
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with the address in lower case, as sign-in looks for it.

        Whoever gets another password, or whose account is closed, is signed out everywhere.
        """
        self.email = self.email.lower()
        # A password in a newer cipher is no other one: Django forgets the words of it before it saves that.
        ends_sessions = self.pk and (self._password is not None or not self.is_active)  # type: ignore[attr-defined]  # Django's
        super().save(*args, **kwargs)
        if ends_sessions:
            self.sessions.all().delete()

    @cached_property
    def is_administrator(self) -> bool:
        """Whether the person was given the permission to administer plans, or all permissions.

        One query, once; none for the person of a request. Django's `has_perm` asks for every permission there is, in
        two queries.
        """
        return self.is_superuser or _to_administer(self.pk).exists()

    @cached_property
    def has_admin_rights(self) -> bool:
        """Whether the person has any right that a membership does not give, also while the account is closed.

        Two queries at most, once.
        """
        if self.is_staff or self.is_superuser:
            return True
        return self.groups.exists() or self.user_permissions.exists()

    def get_full_name(self) -> str:
        """Return the name that others see."""
        return str(self)

    def get_short_name(self) -> str:
        """Return the name that others see."""
        return str(self)


def _to_administer(user: Any) -> models.QuerySet:
    """Return the permission to administer plans, as far as `user` (an id) has it, also through a group."""
    given = Permission.objects.filter(Q(user=user) | Q(group__user=user))
    return given.filter(content_type__app_label="plans", codename="administer")


def with_administrators(people: models.QuerySet) -> models.QuerySet:
    """Return `people` with `is_administrator` filled by the same query."""
    may = Q(is_superuser=True) | Q(Exists(_to_administer(OuterRef("pk"))))
    return people.annotate(is_administrator=ExpressionWrapper(may, BooleanField()))


@prepared
def _person() -> models.QuerySet:
    return with_administrators(User.objects.filter(pk=Param("pk"))).annotate(data_version=DataVersion())
