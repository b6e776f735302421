"""The reference solution of the homework, and the only place where a solution is written."""
