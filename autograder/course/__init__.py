"""A whole class: from the course's download to the gradebook."""
