"""Why a file is not opened."""


class Refused(Exception):
    """A file that is not opened; its text is a sentence that says how to mend it."""


DAMAGED = "The file is damaged: it ends too early, or was changed on its way. Open it, save it again, and send that."
