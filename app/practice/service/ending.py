"""What a student did at a station, told when it is done."""

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.bank.catalogue import catalogues
from app.base.auth import Caller
from app.base.policy import Policy
from app.practice import queries
from app.practice.course import Course
from app.practice.queries import FirstResponse, Sitting
from app.practice.service.serving import exit_due
from app.practice.service.steps import EXTRAS, Recap

FOUR_WEEKS = timedelta(weeks=4)
# A stretch of a lesson lies within a day; one without a lesson is today's.
DAY = timedelta(days=1)


def recap(
    session: Session, caller: Caller, sitting: Sitting, ends_at: datetime, policy: Policy, now: datetime
) -> Recap:
    """Look back on a stretch of practice.

    Parameters
    ----------
    ends_at : datetime
        When the station ends. What could only be begun in its last minutes is not offered.
    """
    responses = queries.first_responses(session, caller, sitting, now - DAY)
    skills = catalogues.of_bank(session, caller.district_id, sitting.bank_id).skills
    met = [skill for skill in dict.fromkeys(each.skill_id for each in responses) if skill in skills]
    answered = Counter(each.skill_id for each in responses)
    right = Counter(each.skill_id for each in responses if each.right)
    got = _got(session, caller, sitting, responses)
    last = next((each for each in reversed(responses) if each.purpose == "exit"), None)
    course = Course.from_json(sitting.course)
    over = course.exit or exit_due(sitting, (ends_at - now).total_seconds(), policy)
    return Recap(
        skills=[(skills[skill].title, right[skill], answered[skill]) for skill in met],
        got=[skills[skill].title for skill in met if skill in got],
        exit=None if last is None else (last.right, last.sure),
        practised=queries.practised_since(session, caller, now - FOUR_WEEKS),
        extras=() if over else [extra for extra in EXTRAS if extra not in (*course.spent, course.extra)],
    )


def _got(session: Session, caller: Caller, sitting: Sitting, responses: list[FirstResponse]) -> set[int]:
    """Skills that were got since the first of these answers."""
    standing = queries.standing(session, caller, sitting.bank_id)
    if standing is None or not responses:
        return set()
    times = {skill: progress.got_it_at for skill, progress in standing.skills.items()}
    return {skill for skill, at in times.items() if at is not None and at >= responses[0].at}
