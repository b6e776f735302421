"""What shuts a worker in: limits that the process puts on itself before student code runs."""
