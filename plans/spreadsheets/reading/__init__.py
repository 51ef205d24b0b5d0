"""Files that people bring: read into a table of text, or refused in a sentence, in bounded memory and time.

`read` is what others call. `delimited_text` reads texts; `sandbox` starts a process for anything else: `child` is what
that process runs, which takes workbooks and Word files apart within `limits` and knows nothing of the plan, of Django
or of its settings. Nothing may be imported here, so that it starts fast. `table` then finds the headings.
"""
