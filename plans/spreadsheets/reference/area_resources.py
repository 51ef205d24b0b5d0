"""Focus areas and priority areas as spreadsheets."""

from plans.models import FocusArea, PriorityArea
from plans.spreadsheets.reference.reference_columns import ReferenceColumn, TextWidget, WholeNumberWidget
from plans.spreadsheets.reference.reference_resource import ReferenceResource


class FocusAreaResource(ReferenceResource):
    """Strategic focus areas."""

    code = ReferenceColumn("code", "Code")
    statement = ReferenceColumn(
        "statement", "Statement", TextWidget(), other_names=("Strategic Focus Area", "Focus Area")
    )
    position = ReferenceColumn("position", "Position", WholeNumberWidget(), other_names=("Place", "Order"))

    class Meta:
        model = FocusArea
        fields = ("code", "statement", "position")


class PriorityAreaResource(ReferenceResource):
    """Priority action areas."""

    code = ReferenceColumn("code", "Code")
    name = ReferenceColumn("name", "Name", TextWidget(), other_names=("Priority Action Area", "Priority Area"))
    position = ReferenceColumn("position", "Position", WholeNumberWidget(), other_names=("Place", "Order"))

    class Meta:
        model = PriorityArea
        fields = ("code", "name", "position")
