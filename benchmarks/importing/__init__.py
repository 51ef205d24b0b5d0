"""Importing and exporting a large plan, beside reading alone, plain inserting and stock django-import-export."""
