"""Stock django-import-export on our models, as plain as it goes.

One `ModelResource` for activities, matched by number within a plan, with the library's own widgets: foreign keys by
code and name, agencies by name. Our link between activity and agency has a role, which the library has no word for, so
that two fields on the same relation name it as a through default; they add, since setting one would take the other's
away. All options are the library's defaults, as its admin runs it. (Its bulk mode leaves many-to-many relations out.)

It does less than ours: no sub-activities, no updates, no history of links, no order of agencies.
"""

from import_export import fields, resources
from import_export.formats.base_formats import XLSX
from import_export.widgets import ForeignKeyWidget, ManyToManyWidget

from plans.choices import Role
from plans.models import Activity, Agency, FocusArea, PriorityArea
from plans.spreadsheets import columns


class AgencyField(fields.Field):
    """The agencies that have one role."""

    def __init__(self, column, role):
        """`column` is the `Column` of a spreadsheet that names them."""
        widget = ManyToManyWidget(Agency, separator=";", field="name")
        super().__init__(column_name=column.heading, attribute="agencies", widget=widget)
        self.role = role

    def save(self, instance, row, is_m2m=False, **kwargs):
        """Add them, as the library would, but with their role."""
        if is_m2m:
            instance.agencies.add(*self.clean(row, **kwargs), through_defaults={"role": self.role})


class StockResource(resources.ModelResource):
    """Activities of one plan, as a developer would declare them in an afternoon."""

    number = fields.Field(column_name=columns.NUMBER.heading, attribute="number")
    focus_area = fields.Field(
        column_name=columns.FOCUS_AREA.heading, attribute="focus_area", widget=ForeignKeyWidget(FocusArea, "code")
    )
    priority_area = fields.Field(
        column_name=columns.PRIORITY_AREA.heading,
        attribute="priority_area",
        widget=ForeignKeyWidget(PriorityArea, "name"),
    )
    title = fields.Field(column_name=columns.TITLE.heading, attribute="title")
    description = fields.Field(column_name=columns.DESCRIPTION.heading, attribute="description")
    leads = AgencyField(columns.LEADS, Role.LEAD)
    supports = AgencyField(columns.SUPPORTS, Role.SUPPORT)
    description_state = fields.Field(column_name=columns.DESCRIPTION_STATE.heading, attribute="description_state")
    status = fields.Field(column_name=columns.STATUS.heading, attribute="status")

    class Meta:
        model = Activity
        import_id_fields = ("number",)
        fields = (
            *("number", "focus_area", "priority_area", "title", "description", "leads", "supports"),
            *("description_state", "status"),
        )

    def __init__(self, plan):
        """`plan` is what the activities belong to."""
        super().__init__()
        self.plan = plan

    def get_queryset(self):
        """Answer the activities that rows may be."""
        return super().get_queryset().filter(plan=self.plan)

    def after_init_instance(self, instance, new, row, **kwargs):
        """Put the activity into the plan."""
        instance.plan = self.plan


def run_stock(content, plan, *, dry_run):
    """Read a workbook and import it into `plan`, as the library's admin does. Raises what the first bad row raised."""
    dataset = XLSX().create_dataset(content)
    result = StockResource(plan).import_data(dataset, dry_run=dry_run, raise_errors=True)
    return result.totals
