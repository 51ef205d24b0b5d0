"""The forms by which a spreadsheet comes in: as a file, or as a pasted table."""

from django import forms

from plans.forms.barriers import PRIVACY

MOST_PASTED = 1_000_000
"""Characters of a pasted table; a larger one comes as a file."""


class UploadForm(forms.Form):
    """A file to import. `limits` has `max_mb`, `max_bytes` and `check_size`, which raises `ValueError` in words.

    `is_too_large` says that the file was thrown away while it came in, as `plans.spreadsheets.reading.uploading` does.
    """

    file = forms.FileField(label="Spreadsheet", error_messages={"required": "Choose a file first."})

    def __init__(self, *args, limits, is_too_large=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.limits, self.is_too_large = limits, is_too_large
        self.fields["file"].widget.attrs["data-max"] = limits.max_bytes
        self.fields["file"].widget.attrs["data-too-large"] = self.too_large()

    def _clean_fields(self):
        # What was too large was thrown away while it came in, so that there is no file to say it of.
        if self.is_too_large:
            self.add_error("file", self.too_large())
        else:
            super()._clean_fields()

    def too_large(self):
        """Return what is said of a file that is too large."""
        try:
            self.limits.check_size(self.limits.max_bytes + 1)
        except ValueError as refused:
            return str(refused)
        return ""


class PasteForm(forms.Form):
    """A table copied from a document or a spreadsheet, as tab-separated text."""

    text = forms.CharField(
        label="Table",
        max_length=MOST_PASTED,
        strip=False,
        widget=forms.Textarea({"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
        help_text=f"Copy it with its headings. {PRIVACY}",
        error_messages={
            "required": "Paste a table first.",
            "max_length": f"That is more than {MOST_PASTED:,} characters. Save it as a file and choose that.",
        },
    )

    def clean_text(self):
        """Return the table with its outer blanks, since a row may begin with a blank cell."""
        text = self.cleaned_data["text"]
        if not text.strip():
            raise forms.ValidationError(self.fields["text"].error_messages["required"])
        return text
