"""Changes limits, priority and processors of other processes."""
import ctypes, resource

victim = FACTS["victim"]


def nobody_there(kind, who):
    try:
        os.setpriority(kind, who, 0)
    except ProcessLookupError:
        return


def change_scheduler():
    """Told that it worked, which it need not have."""
    os.sched_setscheduler(victim, os.SCHED_BATCH, os.sched_param(0))
    if os.sched_getscheduler(victim) != os.SCHED_BATCH:
        raise OSError


for what, way in {
    "limits": lambda: resource.prlimit(victim, resource.RLIMIT_NOFILE, (64, 64)),
    "priority": lambda: os.setpriority(os.PRIO_PROCESS, victim, 5),
    # of a user without processes: found or not, nobody's priority changes
    "priority of a user": lambda: nobody_there(os.PRIO_USER, 64_999),
    "priority of the group": lambda: os.setpriority(os.PRIO_PGRP, os.getpgid(victim), 5),
    "processors": lambda: os.sched_setaffinity(victim, {0}),
    "scheduler": change_scheduler,
}.items():
    try:
        way()
        breached(what)
    except OSError:
        continue
if ctypes.CDLL(None).syscall(251, 1, victim, (3 << 13)) == 0:
    breached("input and output priority")
