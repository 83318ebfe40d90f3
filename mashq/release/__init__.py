"""What is handed out: the release and its solutions, the zip for students, the wheel in it."""
