"""Each file changes the tables from one revision to the next."""
