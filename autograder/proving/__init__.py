"""Shows that an assignment's checks and numbers do what they are for."""
