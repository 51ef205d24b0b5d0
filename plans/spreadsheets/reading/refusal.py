"""Why a file is not opened."""


class Refused(Exception):
    """A file that is not opened; its text is a sentence that says how to mend it."""


DAMAGED = "This file is damaged. Open it, save a new copy, and upload that."
