"""What people and rounds of a measured database are called, for those who make it and for those who use it."""

PASSWORD = "only-for-measuring-kererū-4711"
READER = "reader@benchmark.example"
UPDATERS = tuple(f"updater-{place}@benchmark.example" for place in range(1, 21))
PREVIOUS_ROUND, OPEN_ROUND = "March quarter", "June quarter"
