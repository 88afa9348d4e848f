"""What the figures were measured on."""

import datetime
import os
import pathlib
import platform


def described(folder):
    return {
        "date": datetime.date.today().isoformat(),
        "processor": field("/proc/cpuinfo", "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "memory": field("/proc/meminfo", "MemTotal"),
        "kernel": platform.release(),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", "unknown"),
        "disk": disk(folder),
        "load before": f"{os.getloadavg()[0]:.2f}",
    }


def field(path, name):
    for line in pathlib.Path(path).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"


def disk(folder):
    """The device and the file system of a folder, and what the kernel knows of the device."""
    best = ("", "unknown", "unknown")
    for line in pathlib.Path("/proc/mounts").read_text().splitlines():
        device, point, kind = line.split(" ")[:3]
        if folder.resolve().is_relative_to(point) and len(point) >= len(best[0]):
            best = (point, device, kind)
    number = folder.stat().st_dev
    queue = pathlib.Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}/queue/rotational")
    spins = {"0": "no rotation", "1": "rotational"}.get(queue.read_text().strip() if queue.exists() else "", "unknown")
    return f"{best[1]}, {best[2]}, {spins}"
