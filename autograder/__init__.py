"""The engine that marks a submission; it knows no homework.

The way of a submission: `cli` reads the command; `pipeline` joins the stages; `intake` finds the file that
counts; `host` starts a worker and asks it, over `wire`, for what the student's code answers (`worker` and
`sandbox` are the untrusted side); `checking` runs the assignment's checks under pytest; `scoring` adds up the
rubric; `reporting` writes the report.  `course` grades a class, `pages` shows reports and classes to people,
`platforms` to other systems, and `authoring` is for whoever writes a homework.

Imports go one way: errors, model < wire, sandbox < worker < assignment, intake, host < checking < scoring <
reporting < pipeline < course, authoring < pages < platforms < cli.
"""

__version__ = "1.0.0"
