"""Due dates as calendars: `due_events` says what there is, from the history; `ical` writes it as RFC 5545."""
