"""What may cross the line between grader and worker: plain data in bounded frames."""
