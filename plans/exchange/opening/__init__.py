"""Takes workbooks and Word files from strangers apart, in a process of its own that may use so much and no more.

Nothing here knows the plan, Django or its settings: `child` is what the process runs, and what it says is plain text.
"""
