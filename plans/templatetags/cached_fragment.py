"""The tag `{% cached_fragment "components/activity_row.html" row=row %}`, where Django looks for tags."""

from django import template

from plans.fast.fragments import cached_fragment

register = template.Library()
register.simple_tag(cached_fragment)
