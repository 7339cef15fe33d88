"""A settings file that changes when jobs run, when they count as late, or switches one off.

Guarantees that every mistake of the file is one clear line, all at once, before anything runs, and that what it does
not name stays as it is in `timetable`. Which file it is, `config` says.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from policy_match.scheduler.occurrences import CronTimetable
from policy_match.services.job_desk import Cron, Job
from policy_match.settings_file import FileUnfit, SettingsFile

CRON_KEYS = tuple(each.name for each in fields(Cron))
LATE = "late_after_hours"
OFF = "off"
KEYS = (*CRON_KEYS, LATE, OFF)
MOST_HOURS = 24 * 400
SOME_DAY = datetime(2025, 1, 1, tzinfo=UTC)


class ScheduleUnfit(FileUnfit):
    """The file of schedules cannot be used."""

    code = "config-schedule"
    english = "{file}: {problem}; see docs/scheduler.md"
    chinese = "{file}：{problem_zh}；请参阅 docs/scheduler.md"


def read_schedule(path: Path, jobs: Sequence[Job]) -> Sequence[Job]:
    """Return the jobs with what the file says of them, without those it switches off.

    The file has a table for each job that differs: cron fields (one of them replaces them all), `late_after_hours`,
    `off`. Raises `ScheduleUnfit` for one mistake, `SeveralMistakes` for more.
    """
    file = SettingsFile(path, ScheduleUnfit)
    content = file.content()
    names = [str(job.name) for job in jobs]
    for name in sorted(content.keys() - set(names)):
        near = difflib.get_close_matches(name, names, n=1) or names
        file.note(f"[{name}] is no job; write {', '.join(near)}", f"[{name}] 不是任务；可用：{'、'.join(near)}")
    changed = [_changed(file, job, content.get(job.name, {})) for job in jobs]
    file.tell()
    return [job for job in changed if job is not None]


def _changed(file: SettingsFile, job: Job, says: object) -> Job | None:
    where = f"[{job.name}]"
    if not isinstance(says, dict):
        file.note(f"{where} is not a table", f"{where} 不是表")
        return job
    file.check_keys(f"{where} ", says, KEYS)
    off, late = says.get(OFF, False), says.get(LATE)
    if not isinstance(off, bool):
        file.note(f"{where} `{OFF}` must be true or false", f"{where} “{OFF}”应为 true 或 false")
    if type(late) is int and 0 < late <= MOST_HOURS:
        job = replace(job, late_after=timedelta(hours=late))
    elif late is not None:
        file.note(
            f"{where} `{LATE}` must be a whole number up to {MOST_HOURS}",
            f"{where} “{LATE}”应为不超过 {MOST_HOURS} 的整数",
        )
    if any(key in CRON_KEYS for key in says):
        job = replace(job, cron=_cron(file, where, says))
    return None if off else job


def _cron(file: SettingsFile, where: str, says: Mapping[str, Any]) -> Cron:
    given = {key: says[key] for key in CRON_KEYS if key in says}
    wrong = [key for key, value in given.items() if not isinstance(value, str | int) or isinstance(value, bool)]
    for key in wrong:
        file.note(f'{where} `{key}` must be like "8-18" or 8', f'{where} “{key}”应形如 "8-18" 或 8')
    cron = Cron(**{key: str(value) for key, value in given.items()})
    if not wrong and not _occurs(cron):
        file.note(f"{where} never occurs: {cron}", f"{where} 永远不会执行：{cron}")
    return cron


def _occurs(cron: Cron) -> bool:
    try:
        return CronTimetable().next_one(cron, SOME_DAY) is not None
    except ValueError:
        return False
