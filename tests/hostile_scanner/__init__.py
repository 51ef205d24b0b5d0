"""What programs that check mail do to links in it; nothing may come of that."""
