"""The trusted end of the line: starts workers, asks them, and tells how they ended.

Processes and what holds what::

    grader                      zygote (clean)                 worker (untrusted)
    holds the checks      --->  control socket: start, end  -> forked, shuts itself in
    one socket per worker <------------------------------->  answers frames
    one pipe per worker   <--------------------------------  stdout and stderr

The grader alone decides when a worker must end; the zygote, its parent, kills and reaps it.
"""
