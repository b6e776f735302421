"""Looks into another process: ptrace, memory, descriptors."""
import ctypes, platform

victim = FACTS["victim"]
libc = ctypes.CDLL(None, use_errno=True)
if libc.ptrace(0x4206, victim, None, None) == 0:
    libc.ptrace(17, victim, None, None)
    breached("ptrace")
buffer = ctypes.create_string_buffer(8)
piece = (ctypes.c_uint64 * 2)(ctypes.addressof(buffer), 8)
there = (ctypes.c_uint64 * 2)(0x400000, 8)
if libc.process_vm_readv(victim, piece, 1, there, 1, 0) >= 0:
    breached("process_vm_readv")
if platform.machine() == "x86_64":
    if libc.syscall(438, libc.syscall(434, victim, 0), 0, 0) >= 0:
        breached("pidfd_getfd")
    if libc.syscall(312, os.getpid(), victim, 0, 0, 0) >= 0:
        breached("kcmp")
