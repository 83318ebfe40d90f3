"""One notebook: run and judge it, clean what it shows, write what was found into its cells."""
