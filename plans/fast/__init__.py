"""Every trick for speed, and nothing else. It knows nothing of the tracker; README.md says what each one gains."""
