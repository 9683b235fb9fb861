"""What the numbers were measured on."""

import os
import platform
from pathlib import Path


def describe() -> dict[str, str | int | float]:
    """Processor, cores, memory, system and how busy it is."""
    return {
        "processor": processor(),
        "cores": os.cpu_count() or 0,
        "memory_gb": round(memory() / 1e9, 1),
        "system": platform.platform(),
        "load": load(),
    }


def load() -> float:
    """How many programs have wanted a core over the last minute, on average."""
    return round(os.getloadavg()[0], 1)


def processor() -> str:
    """Its name, where the system gives one."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def memory() -> int:
    """Bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
