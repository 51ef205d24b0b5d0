"""The form with which a barrier is escalated or resolved."""

from django import forms

PRIVACY = "Do not name whānau, clients or gang members. Everyone who can read the plan can read this."


class BarrierNoteForm(forms.Form):
    """The note that goes with it; `label` asks for what it has to say."""

    note = forms.CharField(widget=forms.Textarea({"rows": 4}), help_text=PRIVACY)

    def __init__(self, data=None, *, label):
        super().__init__(data)
        self.fields["note"].label = label
