"""Files that people take away: exports, the reporting workbook, an activity's record, and copies with errors marked."""
