"""What lies in the temporary folder, and is removed when its process was killed."""
