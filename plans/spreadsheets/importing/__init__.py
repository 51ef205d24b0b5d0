"""One engine under the import page, the admin and the command line: check, apply, undo."""
