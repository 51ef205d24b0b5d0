#!/usr/bin/env python
"""Django's command line for the tracker: `python manage.py help` lists the commands."""

import os
import sys

from django.core.management import execute_from_command_line

from rocc.environment import WrongEnvironment


def main():
    """Run the command named on the command line against the settings in `rocc.settings`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rocc.settings")
    try:
        execute_from_command_line(sys.argv)
    except WrongEnvironment as wrong:
        sys.exit(str(wrong))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
