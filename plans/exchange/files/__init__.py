"""Files that people bring: read into a table of text, or refused in a sentence, in bounded memory and time."""
