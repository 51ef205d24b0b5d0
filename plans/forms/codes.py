"""What stands in addresses, the codes and slugs of new things: chosen before the first save, or made of a name."""

from django import forms

from plans.text import slug_of


class CodeField(forms.SlugField):
    """A code as people type it: "Kāinga Ora" is taken as "kainga-ora"; in plain letters it stays as it is."""

    def to_python(self, value):
        """Return the code, in plain letters."""
        value = super().to_python(value)
        return value if value.isascii() else slug_of(value, self.max_length)


class MadeCodeMixin:
    """A form of a new thing whose code can be left blank: it is made of another field."""

    code_name, made_of = "code", "name"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.code_name in self.fields:
            self.fields[self.code_name].required = False

    def clean(self):
        """Return the values, the code among them; one that could not be made has to be entered."""
        cleaned = super().clean()
        if self.code_name in self.fields and cleaned.get(self.code_name) == "":
            made = slug_of(cleaned.get(self.made_of) or "", self.fields[self.code_name].max_length)
            if made:
                cleaned[self.code_name] = made
            elif self.made_of not in self.errors:
                self.add_error(self.code_name, "Enter an address in plain letters, for example year-three.")
        return cleaned
