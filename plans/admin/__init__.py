"""The admin: where programme admins edit plans, and superusers the people who sign in."""

from django.contrib import admin

from plans.admin import activities, agencies, areas, people, updates

admin.site.site_header = admin.site.site_title = "ROCC action plan"
admin.site.index_title = "What can be edited"
admin.site.site_url = "/"
admin.site.empty_value_display = "–"

__all__ = ["activities", "agencies", "areas", "people", "updates"]
