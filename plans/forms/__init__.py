"""What people send, bound and validated: one module for each sort of page."""
