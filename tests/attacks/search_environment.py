"""Looks for the grader's environment variables."""
import ctypes

getenv = ctypes.CDLL(None).getenv
getenv.restype = ctypes.c_char_p
if FACTS["variable"] in os.environ or getenv(FACTS["variable"].encode()):
    breached("a variable of the grader's")
