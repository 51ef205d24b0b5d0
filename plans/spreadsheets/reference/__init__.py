"""The lists that plans refer to, agencies and areas, as spreadsheets that the admin exports and imports.

Resources of django-import-export: its preview is a dry run that saves in a transaction and rolls it back.
"""
