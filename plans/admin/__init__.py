"""The admin: where programme admins edit plans, and superusers the people who sign in."""

from django.apps import apps
from django.contrib import admin

from plans.admin import accepted_checks, activities, agencies, areas, import_words, people, reminders, updates

admin.site.site_header = admin.site.site_title = "ROCC action plan"
admin.site.index_title = "Manage plan data"
admin.site.site_url = "/"
admin.site.empty_value_display = "–"
# The index lists everything; a list of activities needs the room.
admin.site.enable_nav_sidebar = False
apps.get_app_config("auth").verbose_name = "Groups of people"

__all__ = ["accepted_checks", "activities", "agencies", "areas", "import_words", "people", "reminders", "updates"]
