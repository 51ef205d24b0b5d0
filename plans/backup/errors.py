"""What can be wrong with a backup, in words for whoever is mending a site."""


class BackupError(Exception):
    """A backup could not be made or taken; the text says why, and what to do next. Nothing was changed."""
