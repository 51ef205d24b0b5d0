"""Spreadsheets and published texts: what they hold, and how it is read, compared and written."""
