"""The untrusted side: processes in which student code runs.

Everything here must load with the rest of the tree absent: whatever a worker has imported, the student can
read.  It imports `autograder.wire` and `autograder.sandbox` and no more.
"""
