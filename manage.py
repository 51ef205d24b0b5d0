#!/usr/bin/env python
"""Django's command line for the tracker: `python manage.py help` lists the commands."""

import os
import sys


def main():
    """Run the command named on the command line against the settings in `rocc.settings`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rocc.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
