"""The tables, on the screen and in two files."""

import json
import statistics

NOTE = """Whole processes, warm page cache, results equal byte for byte, or field for field where a peer quotes otherwise.
watchd's time ends with result, receipt and database committed and synced; the peers write a result and sync nothing. A
ratio is the peer's time through that of the run of watchd right before it; the median of all pairs is given. Memory is
the most of all runs."""


def saved(found, folder):
    """Writes the report as Markdown and JSON; returns the Markdown and says where it lies."""
    folder.mkdir(exist_ok=True)
    name = found["machine"]["date"] + ("-quick" if found["quick"] else "")
    text = markdown(found)
    (folder / f"{name}.md").write_text(text)
    (folder / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n")
    return f"{text}\nsaved as {folder}/{name}.md and .json"


def markdown(found):
    lines = [f"# watchd side by side, {found['machine']['date']}", "", NOTE, ""]
    lines += [f"- {key}: {value}" for key, value in {**found["machine"], **found["versions"]}.items() if key != "date"]
    for case in found.get("pairs", []):
        lines += pairs(case)
    if "rows" in found:
        lines += pairs(found["rows"])
    if "linearity" in found:
        lines += sizes(found)
    if "burst" in found:
        lines += arrivals(found)
    if "history" in found:
        lines += history(found["history"])
    if "cancel" in found:
        lines += cancel(found["cancel"])
    if found.get("made"):
        lines += made(found["made"])
    return "\n".join(lines) + "\n"


def made(files):
    rows = [
        [file["shape"], f"{file['rows']:,}", mb(file["bytes"]), f"{file['bytes'] / file['seconds'] / 1e6:.0f}"]
        for file in files
    ]
    return ["", "## watchctl generate, which made the files", ""] + table(["shape", "rows", "MB", "MB/s"], rows)


def pairs(case):
    title = f"## {case['name']}: {case['rows']:,} rows, {mb(case['bytes'])} MB, {case['groups']:,} groups"
    rows = [["watchd", "", seconds(case["watchd"]["seconds"]), mb(case["watchd"]["peak_bytes"]), "", ""]]
    for name, peer in case["peers"].items():
        spread = f"{min(peer['ratios']):.2f} to {max(peer['ratios']):.2f}"
        rows.append([
            name, peer["way"], seconds(peer["seconds"]), mb(peer["peak_bytes"]), f"{peer['ratio']:.2f}",
            f"{spread} ({len(peer['ratios'])})",
        ])
    return ["", title, ""] + table(["program", "how", "s", "peak MB", "times watchd's", "range (pairs)"], rows)


def sizes(found):
    rows = [
        [case["name"], f"{case['rows']:,}", f"{case['groups']:,}", seconds(case["seconds"]),
         f"{case['median'] / case['rows'] * 1e9:.0f}", mb(case["peak_bytes"])]
        for case in found["linearity"]
    ]
    lines = ["", "## watchd, by rows", ""] + table(["data", "rows", "groups", "s", "ns a row", "peak MB"], rows)
    rows = [
        [f"{case['rows']:,}", mb(case["bytes"]), f"{case['seconds']:.2f}", mb(case["peak_bytes"])]
        for case in found["keys"]
    ]
    return lines + ["", "## watchd, memory where no key comes twice", ""] + table(["keys", "MB", "s", "peak MB"], rows)


def arrivals(found):
    burst = found["burst"]
    lines = [
        "", "## watchd, many files", "",
        f"{burst['files']:,} files of one row, renamed in at once: {burst['rate']:.0f} files/s until the last receipt "
        f"({burst['seconds']:.1f} s), peak {mb(burst['peak_bytes'])} MB.", "",
    ]
    rows = [
        [name, str(case["files"])] + [f"{case[key] * 1000:.1f}" for key in ("p50", "p99", "most")]
        for name, case in (("idle", found["latency"]), (f"beside {found['busy']['rows']:,} rows", found["busy"]))
    ]
    return lines + table(["from rename to receipt", "files", "p50 ms", "p99 ms", "longest ms"], rows)


def history(found):
    lines = [
        "", f"## watchd, {found['tasks']:,} tasks in the manifest, everything of the last {found['days']} days "
        f"({mb(found['database_bytes'])} MB)", "",
        f"The prune made the database {mb(found['given_back_bytes'])} MB shorter. The daemon had {mb(found['peak_bytes'])} MB "
        "at most. One small file after the other, from rename to receipt: "
        + ", ".join(f"{key} {found['drop'][key] * 1000:.1f} ms" for key in ("p50", "p99", "most")) + ".", "",
    ]
    return lines + table(["whole process", "ms"], [[name, f"{s * 1000:.1f}"] for name, s in found["seconds"].items()])


def cancel(found):
    phases = ", ".join(f"{name} from {at:.2f} s on" for name, at in found["phases"].items())
    lines = ["", f"## watchctl cancel, {found['rows']:,} different keys", "", f"Undisturbed: {phases}.", ""]
    rows = [
        [f"{one['moment']:.2f}", one["phase"], f"{one['seconds']:.2f}" if "seconds" in one else "done before",
         f"{one['rows_gone']:.2f}" if "seconds" in one else ""]
        for one in found["cancels"]
    ]
    return lines + table(["after s", "while it is", "answered after s", "all rows out after s"], rows)


def table(header, rows):
    widths = [max(len(row[column]) for row in [header] + rows) for column in range(len(header))]
    shown = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in [header] + rows]
    return [shown[0], "| " + " | ".join("-" * width for width in widths) + " |"] + shown[1:]


def seconds(times):
    if len(times) == 1:
        return f"{times[0]:.2f}"
    return f"{statistics.median(times):.2f} ({min(times):.2f} to {max(times):.2f})"


def mb(count):
    return f"{count / 1e6:.0f}"
