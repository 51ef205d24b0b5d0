"""The addresses of the tracker: public, stable, made to be shared."""

from django.urls import include, path, re_path, register_converter

from plans.activity_number import SHAPE, WIDTH, Label, number_in
from plans.spreadsheets.pages import views as imports
from plans.spreadsheets.pages.upload import import_list
from plans.views import (
    agencies,
    agency_merges,
    agreements,
    api,
    barriers,
    browse,
    calendar_feeds,
    closing_report,
    comparison,
    contacts,
    data,
    due_dates,
    editing,
    evidence,
    exports,
    form_recovery,
    health,
    lifecycle,
    mail,
    mail_choices,
    manage,
    my_updates,
    pack_template,
    packs,
    people,
    plan_checks,
    record,
    reminders,
    roll_over,
    rounds,
    update_links,
    updates,
    webhooks,
    workbooks,
)
from plans.views import plans as plan_pages

app_name = "plans"


class NumberConverter:
    """The number of an activity in an address: "7", "1.10" or "S-3", and "007" for 7."""

    regex = SHAPE

    def to_python(self, value):
        """Return the number; raises `ValueError` for what is none, such as "new"."""
        if value.isdecimal():
            # One of more digits than any has is an address of nothing, which the page says as for any other.
            return int(value) if len(value) <= WIDTH else Label(value)
        number = number_in(value)
        if number is None:
            raise ValueError(value)
        return number

    def to_url(self, value):
        """Return the number as it is: no sign of it means anything to an address."""
        return str(value)


register_converter(NumberConverter, "number")

plan = [
    path("", browse.overview, name="overview"),
    path("activities/", browse.activity_list, name="activity_list"),
    path("activities.csv", exports.activities_csv, name="activities_csv"),
    path("activities.xlsx", exports.activities_xlsx, name="activities_xlsx"),
    path("activities/new/", editing.activity_new, name="activity_new"),
    path("activities/<number:number>/", browse.activity, name="activity"),
    path("activities/<number:number>/due.ics", calendar_feeds.activity_due, name="activity_due"),
    path("activities/<number:number>/edit/", editing.activity_edit, name="activity_edit"),
    path("activities/<number:number>/finalise/", lifecycle.finalise, name="activity_finalise"),
    path("activities/<number:number>/rating/", lifecycle.rate, name="activity_rating"),
    path("activities/<number:number>/end/", lifecycle.end, name="activity_end"),
    path("activities/<number:number>/withdraw/", lifecycle.withdraw, name="activity_withdraw"),
    path("activities/<number:number>/bring-back/", lifecycle.bring_back, name="activity_bring_back"),
    path("activities/<number:number>/update/", updates.update, name="update"),
    path("activities/<number:number>/updates/<int:pk>/correct/", updates.correct, name="correct_update"),
    path("activities/<number:number>/updates/<int:pk>/agreement/", agreements.agreement, name="agreement"),
    path("activities/<number:number>/note/", updates.note, name="note"),
    path("activities/<number:number>/evidence/add/", evidence.evidence_add, name="evidence_add"),
    path("activities/<number:number>/evidence/<int:pk>/remove/", evidence.evidence_remove, name="evidence_remove"),
    path("activities/<number:number>/history/", record.activity_history, name="activity_history"),
    path("activities/<number:number>/history/<int:key>/restore/", record.activity_restore, name="activity_restore"),
    path("activities/<number:number>/record.xlsx", record.activity_record, name="activity_record"),
    path("updates/", my_updates.my_updates, name="my_updates"),
    path("rounds/", rounds.round_list, name="round_list"),
    path("rounds/open/", rounds.round_open, name="round_open"),
    path("rounds/<int:pk>/", rounds.round_detail, name="round"),
    path("rounds/<int:pk>/change/", rounds.round_change, name="round_change"),
    path("rounds/<int:pk>/chase/", reminders.round_reminders, name="round_reminders"),
    path("rounds/<int:pk>/close/", rounds.round_close, name="round_close"),
    path("barriers/", barriers.barrier_list, name="barrier_list"),
    path("barriers.csv", exports.barriers_csv, name="barriers_csv"),
    path("barriers.xlsx", exports.barriers_xlsx, name="barriers_xlsx"),
    path("barriers/<int:pk>/escalate/", barriers.escalate, name="barrier_escalate"),
    path("barriers/<int:pk>/resolve/", barriers.resolve, name="barrier_resolve"),
    path("dates/", due_dates.due_dates, name="due_dates"),
    path("dates.csv", due_dates.due_dates_csv, name="due_dates_csv"),
    path("dates.xlsx", due_dates.due_dates_xlsx, name="due_dates_xlsx"),
    path("checks/", plan_checks.plan_checks, name="plan_checks"),
    path("checks.csv", plan_checks.checks_csv, name="checks_csv"),
    path("checks.xlsx", plan_checks.checks_xlsx, name="checks_xlsx"),
    path("checks/<number:number>/<slug:check>/accept/", plan_checks.accept, name="check_accept"),
    path("checks/<number:number>/<slug:check>/withdraw/", plan_checks.withdraw, name="check_withdraw"),
    path("compare/", comparison.compare, name="compare"),
    path("compare.csv", comparison.compare_csv, name="compare_csv"),
    path("compare.xlsx", comparison.compare_xlsx, name="compare_xlsx"),
    path("data/", data.data, name="data"),
    path("data/<slug:name>.pbids", data.power_bi, name="power_bi"),
    path("packs/", packs.pack_list, name="pack_list"),
    path("packs/make/", packs.pack_make, name="pack_make"),
    path("packs/template/", pack_template.pack_template, name="pack_template"),
    path("packs/drafts/<int:pk>/", packs.pack_draft, name="pack_draft"),
    path("packs/drafts/<int:pk>/word/", packs.pack_word, name="pack_word"),
    path("packs/drafts/<int:pk>/read/", packs.pack_read, name="pack_read"),
    path("packs/drafts/<int:pk>/issue/", packs.pack_issue, name="pack_issue"),
    path("packs/drafts/<int:pk>/share/", packs.pack_share, name="pack_share"),
    path("packs/drafts/<int:pk>/discard/", packs.pack_discard, name="pack_discard"),
    path("packs/<int:number>/", packs.pack, name="pack"),
    path("packs/<int:number>.docx", packs.pack_docx, name="pack_docx"),
    path("packs/<int:number>.pdf", packs.pack_pdf, name="pack_pdf"),
    path("packs/<int:number>/asks/<int:pk>/decision/", packs.pack_decision, name="pack_decision"),
    path("packs/<int:number>/asks/<int:pk>/done/", packs.pack_done, name="pack_done"),
    path("import/", import_list, name="import_list"),
    path("import/<int:pk>/", imports.import_detail, name="import"),
    path("import/<int:pk>/progress/", imports.import_progress, name="import_progress"),
    path("import/<int:pk>/options/", imports.import_options, name="import_options"),
    path("import/<int:pk>/apply/", imports.import_apply, name="import_apply"),
    path("import/<int:pk>/discard/", imports.import_discard, name="import_discard"),
    path("import/<int:pk>/undo/", imports.import_undo, name="import_undo"),
    path("import/<int:pk>/file", imports.import_file, name="import_file"),
    path("import/<int:pk>/marked.xlsx", imports.import_marked, name="import_marked"),
    path("roll-over/", roll_over.roll_over, name="roll_over"),
    path("roll-over/make/", roll_over.make, name="roll_over_make"),
    path("roll-over/undo/", roll_over.undo, name="roll_over_undo"),
    path("roll-over/end/", roll_over.end_old, name="roll_over_end"),
    path("closing-report/", closing_report.closing_report, name="closing_report"),
    path("closing-report.csv", closing_report.closing_report_csv, name="closing_report_csv"),
    path("closing-report.xlsx", closing_report.closing_report_xlsx, name="closing_report_xlsx"),
    path("edit/", plan_pages.plan_edit, name="plan_edit"),
    path("webhook/", webhooks.webhook, name="webhook"),
    path("make-current/", plan_pages.make_current, name="make_current"),
    path("about/", browse.about, name="about"),
    path("find/", browse.find, name="find"),
    path("matrix/", browse.matrix, name="matrix"),
    path("focus-areas/<slug:code>/", browse.focus_area, name="focus_area"),
    path("priority-areas/<slug:code>/", browse.priority_area, name="priority_area"),
    path("agencies/", browse.agency_list, name="agency_list"),
    path("add-agency/", agencies.agency_new, name="agency_new"),
    path("merge-agencies/", agency_merges.agency_merges, name="agency_merges"),
    path("merge-agencies/<slug:merged>/into/<slug:into>/", agency_merges.agency_merge, name="agency_merge"),
    path("merge-agencies/<int:pk>/undo/", agency_merges.agency_merge_undo, name="agency_merge_undo"),
    path("agencies/<slug:code>/edit/", agencies.agency_edit, name="agency_edit"),
    path("agencies/<slug:code>/", browse.agency, name="agency"),
    path("agencies/<slug:code>/contact/", contacts.agency_contact, name="agency_contact"),
    path("agencies/<slug:code>/fill-in.xlsx", workbooks.fill_in, name="fill_in"),
    path("fill-in.zip", workbooks.fill_in_all, name="fill_in_all"),
]

people_pages = [
    path("", people.person_list, name="people"),
    path("invite/", people.invite_person, name="invite_person"),
    path("audit/", people.audit_trail, name="audit_trail"),
    path("welcome/", people.welcome, name="welcome"),
    path("<int:pk>/", people.person, name="person"),
    path("<int:pk>/link/", people.renew_link, name="renew_link"),
    path("<int:pk>/agencies/", people.add_agency, name="add_agency"),
    path("<int:pk>/close/", people.close, name="close_account"),
    path("<int:pk>/open/", people.reopen, name="open_account"),
    path("<int:pk>/second-step/remove/", people.remove_second_step, name="remove_second_step"),
    path("<int:pk>/sessions/end/", people.end_what_opens, {"what": "sessions"}, name="end_sessions"),
    path("<int:pk>/tokens/end/", people.end_what_opens, {"what": "tokens"}, name="end_tokens"),
    path("<int:pk>/sign-in/end/", people.end_what_opens, {"what": "sign_in"}, name="end_sign_in"),
    path("<int:pk>/feeds/end/", people.end_what_opens, {"what": "feeds"}, name="end_feeds"),
    path("<int:pk>/update-links/end/", people.end_what_opens, {"what": "update_links"}, name="end_update_links"),
    path("memberships/<int:pk>/end/", people.end, name="end_membership"),
]

api_addresses = [
    path("openapi.json", api.description, name="api_description"),
    path("plans.json", api.plans_json, name="api_plans_json"),
    path("plans.csv", api.plans_csv, name="api_plans_csv"),
    path("plans/<slug:slug>/<slug:name>.json", api.list_json, name="api_list_json"),
    path("plans/<slug:slug>/<slug:name>.csv", api.list_csv, name="api_list_csv"),
    # Whatever else is asked for, line breaks included, is told in JSON that it is not there.
    re_path(r"^[\s\S]*$", api.nothing_here, name="api_nothing"),
]

urlpatterns = [
    path("api/v1/", include(api_addresses)),
    path("", browse.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("find/", browse.find, name="find_in_current"),
    path("manage/", manage.manage, name="manage"),
    path("manage/email/", mail.mail, name="mail"),
    path("manage/email/<int:pk>/try-again/", mail.try_again, name="mail_try_again"),
    path("u/<str:token>/", update_links.update_link, name="update_link"),
    path("not-me/<str:token>/", update_links.not_me, name="not_me"),
    path("feeds/<str:token>.ics", calendar_feeds.feed, name="calendar_feed"),
    path("unsubscribe/<str:token>/", mail_choices.stop_mail, name="stop_mail"),
    path("kept/discard/", form_recovery.discard_kept, name="discard_kept"),
    path("people/", include(people_pages)),
    path("plans/", browse.plan_list, name="plan_list"),
    path("plans/new/", plan_pages.plan_new, name="plan_new"),
    path("plans/<slug:plan_slug>/", include(plan)),
]
