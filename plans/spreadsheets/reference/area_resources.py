"""Focus areas and priority areas as spreadsheets."""

from plans.models import FocusArea, PriorityArea
from plans.spreadsheets.reference.reference_resource import (
    Column,
    ReferenceResource,
    TextWidget,
    WholeNumberWidget,
)


class FocusAreaResource(ReferenceResource):
    """Strategic focus areas."""

    code = Column("code", "Code")
    statement = Column("statement", "Statement", TextWidget(), also=("Strategic Focus Area", "Focus Area"))
    position = Column("position", "Position", WholeNumberWidget(), also=("Place", "Order"))

    class Meta:
        model = FocusArea
        fields = ("code", "statement", "position")


class PriorityAreaResource(ReferenceResource):
    """Priority action areas."""

    code = Column("code", "Code")
    name = Column("name", "Name", TextWidget(), also=("Priority Action Area", "Priority Area"))
    position = Column("position", "Position", WholeNumberWidget(), also=("Place", "Order"))

    class Meta:
        model = PriorityArea
        fields = ("code", "name", "position")
