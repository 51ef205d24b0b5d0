"""Pages of imports: a spreadsheet comes in, is looked at, decided on, imported, and perhaps undone."""
