"""One line from the pages that Spark says when something fails."""

import re

LONGEST = 300
TRACEBACK = "Traceback (most recent call last)"
LAST_OF_TRACEBACK = re.compile(r"^[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit): .+$", re.MULTILINE)


def cause(error: Exception) -> str:
    """Return the Python error of a task if there is one, else the first line of what Spark says."""
    of_java = getattr(error, "java_exception", None)
    text = str(error) if of_java is None else str(of_java.toString())
    of_task = LAST_OF_TRACEBACK.search(text, max(text.find(TRACEBACK), 0)) if TRACEBACK in text else None
    return (of_task[0] if of_task else text.strip().partition("\n")[0] or type(error).__name__)[:LONGEST]
