"""People who sign in, and the groups that say what they may do. Superusers only."""

from allauth.account.admin import EmailAddress
from allauth.mfa.admin import Authenticator
from allauth.socialaccount.admin import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect

from plans.actions.people import note_new_account
from plans.admin.access import NumbersInBounds, ReadingAdmin
from plans.models import AuditEvent, User
from plans.permissions import PersonAction, can_act_on, can_manage_people
from plans.ways_to_sign_in import may_use_password


class ForSuperusers:
    """Lets superusers see, add and change; nobody deletes, since the history names people and groups."""

    def has_module_permission(self, request):
        """Return whether the index shows it."""
        return can_manage_people(request.user)

    def has_view_permission(self, request, obj=None):
        """Return whether the page can be read."""
        return can_manage_people(request.user)

    def has_add_permission(self, request):
        """Return whether one can be added."""
        return can_manage_people(request.user)

    def has_change_permission(self, request, obj=None):
        """Return whether one can be changed."""
        return can_manage_people(request.user)

    def has_delete_permission(self, request, obj=None):
        """Nobody deletes: a person who leaves is made inactive."""
        return False


class PersonCreationForm(AdminUserCreationForm):
    """A new person, known by an e-mail address."""

    class Meta:
        model = User
        fields = ("email", "name")
        field_classes: dict[str, type] = {}


class PersonChangeForm(UserChangeForm):
    """A person, known by an e-mail address."""

    class Meta:
        model = User
        fields = ("email", "name", "is_active", "is_staff", "is_superuser", "groups")
        field_classes: dict[str, type] = {}


# {field: the actions that changing it may come to}
ROLES = {
    "is_active": (PersonAction.CLOSE, PersonAction.REOPEN),
    "is_staff": (PersonAction.CHANGE_ROLE,),
    "groups": (PersonAction.CHANGE_ROLE,),
    "is_superuser": (PersonAction.CHANGE_SUPERUSER,),
}


@admin.register(User)
class PersonAdmin(ForSuperusers, NumbersInBounds, UserAdmin):
    """People, by e-mail address. What can be done to whom is decided by `can_act_on`, as on the pages about people."""

    form = PersonChangeForm
    add_form = PersonCreationForm
    ordering = ("email",)
    list_display = ("email", "name", "is_active", "is_staff", "is_superuser", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", "groups")
    search_fields = ("email", "name")
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ("groups",)
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (
            "Permissions",
            {
                "fields": ("is_active", "is_staff", "is_superuser", "groups"),
                "description": "A programme admin is staff and in the group Programme admins. "
                "Make people inactive when they leave. Their name stays in the history.",
            },
        ),
        ("When", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),)

    def has_add_permission(self, request):
        """Return whether one can be added, with a password."""
        return all(can_act_on(request.user, None, one) for one in (PersonAction.INVITE, PersonAction.SET_PASSWORD))

    def has_change_permission(self, request, obj=None):
        """Return whether one can be changed."""
        return super().has_change_permission(request) and (
            obj is None or can_act_on(request.user, obj, PersonAction.EDIT)
        )

    def get_readonly_fields(self, request, obj=None):
        """Return the fields that only tell, of one's own account also those that say what it may do."""
        fixed = [name for name, done in ROLES.items() if not all(can_act_on(request.user, obj, one) for one in done)]
        return [*super().get_readonly_fields(request, obj), *fixed]

    def save_model(self, request, obj, form, change):
        """Save the person; who made a new one is noted. With an account that is closed its invitation link ends."""
        if change and not obj.is_active and not obj.has_usable_password():
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change:
            note_new_account(person=obj, by=request.user)

    def user_change_password(self, request, id, form_url=""):  # noqa: A002 - as Django calls it
        """Set the password of somebody else; one's own is changed on our own page, which asks for the earlier one."""
        if str(request.user.pk) == id:
            return redirect("account_change_password")
        person = self.get_object(request, id)
        if person is not None and not can_act_on(request.user, person, PersonAction.SET_PASSWORD):
            raise PermissionDenied
        if person is not None and not may_use_password(person):
            raise PermissionDenied("Passwords are off.")
        return super().user_change_password(request, id, form_url)


admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(ForSuperusers, NumbersInBounds, GroupAdmin):
    """Groups of people."""


# The one address of a person stands with the person.
admin.site.unregister(EmailAddress)
# Links to providers are made by signing in with them, and end on the page of the person; providers are settings.
for _model in (SocialAccount, SocialApp, SocialToken):
    admin.site.unregister(_model)
# What a person has for a second step is set up by them alone, and removed on the page of the person.
admin.site.unregister(Authenticator)


@admin.register(AuditEvent)
class AuditEventAdmin(ReadingAdmin):
    """The audit trail, for reading."""

    list_display = ("at", "kind", "about", "by", "detail")
    list_filter = ("kind",)
    list_select_related = ("about", "by")
    search_fields = ("about__email", "about__name", "by__email", "detail")
    date_hierarchy = "at"
