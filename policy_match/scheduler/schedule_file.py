"""A settings file that changes when jobs run, when they count as late, or switches one off.

Guarantees that a wrong file is one clear line before anything runs, and that what it does not name stays as it is in
`timetable`. Which file it is, `config` says.
"""

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from policy_match.errors import InputError
from policy_match.scheduler.occurrences import CronTimetable
from policy_match.services.job_desk import Cron, Job

CRON_KEYS = tuple(each.name for each in fields(Cron))
LATE = "late_after_hours"
OFF = "off"
KEYS = (*CRON_KEYS, LATE, OFF)
MOST_HOURS = 24 * 400
SOME_DAY = datetime(2025, 1, 1, tzinfo=UTC)


class ScheduleUnfit(InputError):
    """The file of schedules cannot be used."""

    code = "config-schedule"
    english = "{file}: {problem}; see docs/scheduler.md"
    chinese = "{file}：{problem_zh}；请参阅 docs/scheduler.md"


def read_schedule(path: Path, jobs: Sequence[Job]) -> Sequence[Job]:
    """Return the jobs with what the file says of them, without those it switches off. Raises `ScheduleUnfit`.

    The file has a table for each job that differs: cron fields (one of them replaces them all), `late_after_hours`,
    `off`.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _unfit(path, f"cannot be read: {type(error).__name__}", f"无法读取：{type(error).__name__}") from None
    names = [str(job.name) for job in jobs]
    for name in sorted(content.keys() - set(names)):
        near = difflib.get_close_matches(name, names, n=1) or names
        raise _unfit(
            path, f"[{name}] is no job; write {', '.join(near)}", f"[{name}] 不是任务；可用：{'、'.join(near)}"
        )
    changed = (_changed(path, job, content.get(job.name, {})) for job in jobs)
    return [job for job in changed if job is not None]


def _changed(path: Path, job: Job, says: object) -> Job | None:
    where = f"[{job.name}]"
    if not isinstance(says, dict):
        raise _unfit(path, f"{where} is not a table", f"{where} 不是表")
    for key in sorted(says.keys() - set(KEYS)):
        known = ", ".join(KEYS)
        raise _unfit(path, f"{where} `{key}` is unknown; write {known}", f"{where} 未知项“{key}”；可用：{known}")
    off, late = says.get(OFF, False), says.get(LATE)
    if not isinstance(off, bool):
        raise _unfit(path, f"{where} `{OFF}` must be true or false", f"{where} “{OFF}”应为 true 或 false")
    if late is not None:
        if type(late) is not int or not 0 < late <= MOST_HOURS:
            raise _unfit(
                path,
                f"{where} `{LATE}` must be a whole number up to {MOST_HOURS}",
                f"{where} “{LATE}”应为不超过 {MOST_HOURS} 的整数",
            )
        job = replace(job, late_after=timedelta(hours=late))
    if any(key in CRON_KEYS for key in says):
        job = replace(job, cron=_cron(path, where, says))
    return None if off else job


def _cron(path: Path, where: str, says: Mapping[str, Any]) -> Cron:
    given = {key: says[key] for key in CRON_KEYS if key in says}
    for key, value in given.items():
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise _unfit(path, f'{where} `{key}` must be like "8-18" or 8', f'{where} “{key}”应形如 "8-18" 或 8')
    cron = Cron(**{key: str(value) for key, value in given.items()})
    try:
        occurs = CronTimetable().next_one(cron, SOME_DAY)
    except ValueError:
        occurs = None
    if occurs is None:
        raise _unfit(path, f"{where} never occurs: {cron}", f"{where} 永远不会执行：{cron}")
    return cron


def _unfit(path: Path, problem: str, problem_zh: str) -> ScheduleUnfit:
    return ScheduleUnfit(file=path.name, problem=problem, problem_zh=problem_zh)
