"""Activities: the list, the form, and what can be done with several at once."""

from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import BaseInlineFormSet
from django.utils.html import format_html, format_html_join
from django.utils.timezone import get_default_timezone, localdate
from django.utils.translation import ngettext

from plans.actions import finalise_description, record_update, withdraw
from plans.actions.row_changes import save_fields
from plans.actions.shown_status import follow_leads
from plans.admin.access import ForProgrammeAdmins, Merged, RecordAdmin
from plans.admin.filters import EndingFilter, LeadFilter, PlanFilter, WithdrawnFilter
from plans.admin.forms import ActivityForm, ActivityRowForm, refuse_move_without_reason
from plans.admin.imports import ExchangeAdmin
from plans.choices import DescriptionState, Status
from plans.forms.activities import ActivityEditForm
from plans.models import Activity, ActivityAgency, Plan, SubActivity
from plans.summaries.record import moment_in_words
from plans.text import whole_number

REASON = "Set in the admin"
MOST_ROWS = 200
"""As many as the list shows at once, with "Show all"."""
DESCRIPTION = ("description", "description_state")
OTHERS = tuple(name for name in ActivityEditForm.Meta.fields if name not in DESCRIPTION)
"""What programme admins edit of an activity on its page, beside its description."""


class AgencyInline(Merged, ForProgrammeAdmins, admin.TabularInline):
    """Who leads and who supports. A link can be removed; the history keeps it."""

    model = ActivityAgency
    fields = ("role", "agency", "position")
    autocomplete_fields = ("agency",)
    extra = 0

    def has_delete_permission(self, request, obj=None):
        """Whoever may change the links may remove one."""
        return self.has_change_permission(request, obj)


class SubActivitySet(BaseInlineFormSet):
    """The sub-activities of an activity; the reason for moving their due dates is that of the whole form."""

    def clean(self):
        """Refuse to move a due date that was set without a reason."""
        super().clean()
        for form in self.initial_forms:
            refuse_move_without_reason(form, self.data.get("reason"))


class SubActivityInline(Merged, ForProgrammeAdmins, admin.StackedInline):
    """The items of the description. One that is no longer wanted is withdrawn."""

    model = SubActivity
    formset = SubActivitySet
    autocomplete_fields = ("agency",)
    fields = ("text", "footnote", "position", "agency", ("due_on", "is_done", "done_on", "withdrawn_on"))
    extra = 0

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Return low boxes for texts, so that several sub-activities can be seen at once."""
        if db_field.name in ("text", "footnote"):
            kwargs["widget"] = AdminTextareaWidget(attrs={"rows": 2})
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(Activity)
class ActivityAdmin(ExchangeAdmin, RecordAdmin):
    """The lines of plans."""

    form = ActivityForm
    inlines = (AgencyInline, SubActivityInline)
    # As the index has them: any other order of plans would sort all activities for a page of them.
    ordering = ("-plan_id", "number")
    show_full_result_count = False
    list_display = ("number", "named", "focus", "leads", "status", "reason", "description_state", "updated")
    list_display_links = ("number", "named")
    change_list_template = "admin/plans/activity/change_list.html"
    list_editable = ("status", "description_state")
    list_filter = (
        ("plan", PlanFilter),
        "focus_area",
        "priority_area",
        LeadFilter,
        "status",
        "programme_rating",
        "description_state",
        EndingFilter,
        WithdrawnFilter,
    )
    list_per_page = 50
    search_fields = ("title",)
    search_help_text = "Search by title, agency or number."
    actions = ("finalise_selected", "withdraw_selected")
    readonly_fields = ("printed", "updated")
    fieldsets = (
        (None, {"fields": ("plan", "number", *OTHERS)}),
        ("Description", {"fields": DESCRIPTION}),
        ("Status and dates", {"fields": ("status", "updated", "withdrawn_on", "reason")}),
        ("Programme rating", {"fields": ("programme_rating", "programme_rating_reason")}),
        ("Ending", {"fields": ("ending", "ended_on", "ending_note")}),
        ("As published in the plan", {"fields": ("printed",), "classes": ("collapse",)}),
    )

    def get_list_display(self, request):
        """Return the columns of the list, with the plan where there are several."""
        return (*self.list_display, "plan_name") if Plan.objects.count() > 1 else self.list_display

    def changelist_view(self, request, extra_context=None):
        """Return the list, headed by what it lists; what is sent of it is compared and saved under a lock."""
        context = {"title": "Activities", **(extra_context or {})}
        if request.method != "POST" or "_save" not in request.POST:
            return super().changelist_view(request, context)
        with transaction.atomic():
            _lock_rows(request.POST)
            return super().changelist_view(request, context)

    def get_queryset(self, request):
        """Return activities with what the list shows. Two queries for a list of any length."""
        return Activity.objects.for_list_page().select_related("plan")

    def get_search_results(self, request, queryset, search_term):
        """Search as the pages do."""
        return queryset.search(search_term), False

    def get_readonly_fields(self, request, obj=None):
        """An activity keeps its plan and number, which stand in addresses."""
        return (*self.readonly_fields, "plan", "number") if obj else self.readonly_fields

    def get_changelist_form(self, request, **kwargs):
        """Return the form of a row of the list."""
        return super().get_changelist_form(request, **{"form": ActivityRowForm, **kwargs})

    @admin.display(description="Activity", ordering="title")
    def named(self, activity):
        """Return the title, or what stands for it."""
        return activity.name

    @admin.display(description="Focus area", ordering="focus_area")
    def focus(self, activity):
        """Return the focus area's code as a word."""
        return activity.focus_area.label

    @admin.display(description="Why the status is set")
    def reason(self, activity):
        """Return nothing: where the list is edited, the box for the reason stands here."""
        return ""

    @admin.display(description="Leads")
    def leads(self, activity):
        """Return the agencies that lead, in printed order."""
        return ", ".join(link.agency.name for link in activity.lead_links) or None

    @admin.display(description="Latest update", ordering="last_update_at")
    def updated(self, activity):
        """When the latest update was made."""
        at = getattr(activity, "last_update_at", None)
        return at and moment_in_words(at)

    @admin.display(description="Plan", ordering="plan")
    def plan_name(self, activity):
        """Return the short name of the plan."""
        return activity.plan.short_name

    @admin.display(description="As published")
    def printed(self, activity):
        """Return the six printed cells."""
        cells = format_html_join("", "<dt>{}</dt><dd>{}</dd>", activity.printed_cells)
        return format_html('<dl class="printed">{}</dl>', cells) if cells else None

    def save_model(self, request, obj, form, change):
        """Save what changed; a status goes through an update, so that it is on record."""
        if isinstance(form, ActivityRowForm):
            _save_row(obj, form, request.user)
            return
        reason = form.cleaned_data.get("reason") or REASON
        status = obj.status
        obj.status = form.initial.get("status", Status.NO_UPDATE) if change else Status.NO_UPDATE
        obj._change_reason = reason
        if not change or set(form.changed_data) - {"status", "reason"}:
            super().save_model(request, obj, form, change)
        if status != obj.status:
            record_update(activity=obj, by=request.user, status=status, what_happened=reason)

    def save_formset(self, request, form, formset, change):
        """Put what is new behind what there is, unless it has been given a place."""
        for position, row in enumerate(formset.forms, start=1):
            if row.instance.pk is None and not row.instance.position:
                row.instance.position = position
        super().save_formset(request, form, formset, change)
        if formset.model is ActivityAgency and formset.has_changed():
            reason = form.cleaned_data.get("reason") or REASON
            follow_leads([form.instance.pk], by=request.user, reason=reason)

    @admin.action(description="Finalise descriptions", permissions=["change"])
    def finalise_selected(self, request, queryset):
        """Finalise every chosen description, or none: the answer then names those that are blank."""
        refused, count = [], 0
        with transaction.atomic():
            for activity in queryset:
                count += activity.is_to_be_finalised
                try:
                    finalise_description(activity=activity, by=request.user)
                except ValidationError:
                    refused.append(activity)
            transaction.set_rollback(bool(refused))
        if refused:
            names = "; ".join(str(activity.number) + " " + _title(activity) for activity in refused)
            text = f"Nothing was finalised. These have no description: {names}. Add a description, or leave them out."
            self.message_user(request, text, messages.ERROR)
        else:
            text = ngettext("%d description is finalised.", "%d descriptions are finalised.", count) % count
            self.message_user(request, text, messages.SUCCESS)

    @admin.action(description="Withdraw selected activities", permissions=["change"])
    def withdraw_selected(self, request, queryset):
        """Take the chosen activities out of lists. Clearing the date on an activity's page brings it back."""
        today = localdate(timezone=get_default_timezone())
        for activity in queryset:
            withdraw(activity=activity, by=request.user, on=today)
        count = len(queryset)
        text = ngettext("%d activity is withdrawn.", "%d activities are withdrawn.", count) % count
        self.message_user(request, f"{text} To bring one back, clear its date.", messages.SUCCESS)


def _title(activity):
    return f"({activity.title})" if activity.title else "(title to be finalised)"


def _lock_rows(sent):
    """Lock the rows that the list sent, always in the same order, so that two people never wait for each other."""
    keys = [sent.get(f"form-{index}-id", "") for index in range(MOST_ROWS)]
    rows = Activity.objects.filter(pk__in=[key for key in keys if whole_number(key) is not None])
    list(rows.select_for_update().order_by("pk").values_list("pk"))


@transaction.atomic
def _save_row(activity, form, by):
    """Save what was changed in a row of the list, and nothing else."""
    if "description_state" in form.changed_data:
        if form.cleaned_data["description_state"] == DescriptionState.FINALISED:
            finalise_description(activity=activity, by=by)
        else:
            save_fields(activity, by=by, reason=REASON, fields=["description_state"])
    if "status" in form.changed_data:
        status, why = form.cleaned_data["status"], form.cleaned_data["reason"]
        record_update(activity=activity, by=by, status=status, what_happened=why)
