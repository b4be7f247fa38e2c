"""Walk through an OATutor folder and account for everything in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from content.formats.oatutor import records
from content.formats.oatutor.faults import UnusableError
from content.formats.oatutor.folder import Found, listing, load
from content.formats.oatutor.items import Made, Source, items_of
from content.formats.oatutor.licences import FOLDER_LICENCE, FOLDER_SOURCE, licence_of, rights
from content.formats.oatutor.records import Hint, Problem, Step
from content.formats.oatutor.results import Import, Ledger, Outcome
from content.formats.oatutor.skills import Named, skill_model, skill_of
from content.formats.oatutor.stems import title_not_shown
from content.formats.oatutor.verify import verify
from content.schema import Bank, Item, Skill

POOL = "content-pool"
SKILL_MODEL = PurePosixPath("skillModel.json")

_ELSEWHERE = {
    "coursePlans.json": "course plans: a bank has no order of lessons",
    "bkt-params": "knowledge-tracing parameters: abilities are measured with item response theory",
}


@dataclass(slots=True)
class _Reading:
    """One run over a folder: what lies there, what was made of it so far."""

    root: Path
    found: dict[PurePosixPath, Found]
    model: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)
    items: list[Item] = field(default_factory=list)
    skills: dict[str, Skill] = field(default_factory=dict)
    steps: int = 0

    def load(self, path: PurePosixPath) -> object:
        """Read a JSON file of the folder, or say why not."""
        if path not in self.found:
            raise UnusableError("file missing")
        found = self.found.pop(path)
        if found.fault:
            raise UnusableError(found.fault)
        return load(self.root, path)


def read(path: Path) -> Import:
    """Read an OATutor folder: ``content-pool`` with its problems, and ``skillModel.json`` beside it.

    Parameters
    ----------
    path : Path
        The folder, or the ``content-pool`` itself.

    Returns
    -------
    Import
        The bank, and one entry for each problem, step, hint and file. Whatever the folder holds, nothing is raised:
        what cannot be used is an entry with its reason.
    """
    ledger = Ledger()
    try:
        found = listing(path)
    except UnusableError as error:
        ledger.enter("file", path.name or str(path), "not taken", str(error))
        return Import(_bank([], {}), tuple(ledger.entries))
    reading = _Reading(path, {one.path: one for one in found}, ledger=ledger)
    model_size = _read_skill_model(reading)
    for folder, steps in _problem_folders(found):
        _read_problem(reading, folder, steps)
    _account_for_skill_model(reading, model_size)
    _account_for_the_rest(reading)
    return Import(_bank(reading.items, reading.skills), tuple(ledger.entries))


def _bank(items: list[Item], skills: Mapping[str, Skill]) -> Bank:
    return Bank(
        id="oatutor",
        title="OATutor",
        grade="9-12",
        language="en",
        licence=FOLDER_LICENCE,
        source=FOLDER_SOURCE,
        skills=tuple(skills.values()),
        items=tuple(items),
    )


def _read_skill_model(reading: _Reading) -> int | str:
    """Read the skill model; gives how many steps it names, or why it cannot be read."""
    try:
        reading.model = skill_model(reading.load(SKILL_MODEL))
    except UnusableError as error:
        return str(error)
    return len(reading.model)


def _account_for_skill_model(reading: _Reading, size: int | str) -> None:
    if isinstance(size, str):
        _account_for_file(reading, SKILL_MODEL, size, "not taken", "")
        return
    note = f"other steps left out: {reading.steps:,} of the {size:,} steps it names are in this folder"
    reading.ledger.noted("file", str(SKILL_MODEL), (note,) if reading.steps < size else ())


def _problem_folders(found: list[Found]) -> Iterator[tuple[PurePosixPath, list[PurePosixPath]]]:
    """Find the folders that hold a problem, each with the folders of its steps."""
    pooled = any(one.path.parts[0] == POOL for one in found)
    depth = 2 if pooled else 1
    steps: dict[PurePosixPath, dict[PurePosixPath, None]] = {}
    for one in found:
        parts = one.path.parts
        if len(parts) <= depth or (pooled and parts[0] != POOL) or (not pooled and parts[0] in _ELSEWHERE):
            continue
        own = steps.setdefault(PurePosixPath(*parts[:depth]), {})
        if len(parts) > depth + 2 and parts[depth] == "steps":
            own[PurePosixPath(*parts[: depth + 2])] = None
    yield from ((folder, list(own)) for folder, own in steps.items())


def _read_problem(reading: _Reading, folder: PurePosixPath, folders: list[PurePosixPath]) -> None:
    file = folder / f"{folder.name}.json"
    problem = _problem(reading, file)
    steps = [_step(reading, one) for one in folders]
    start = len(reading.ledger.entries)
    outcomes = [
        _read_step(reading, problem, step, one, steps[:place])
        for place, (step, one) in enumerate(zip(steps, folders, strict=True))
    ]
    outcome = _account_for_problem(reading, problem, outcomes)
    reading.ledger.entries.insert(start, reading.ledger.entries.pop())  # a problem stands before its steps
    _account_for_file(reading, file, problem.fault, outcome, f"holds the problem: {problem.id}")


def _problem(reading: _Reading, file: PurePosixPath) -> Problem:
    try:
        return records.problem(reading.load(file), file.stem)
    except UnusableError as error:
        return Problem(file.stem, fault=str(error))


def _step(reading: _Reading, folder: PurePosixPath) -> Step:
    try:
        return records.step(reading.load(folder / f"{folder.name}.json"), folder.name)
    except UnusableError as error:
        return Step(folder.name, fault=str(error))


def _account_for_problem(reading: _Reading, problem: Problem, outcomes: list[Outcome]) -> Outcome:
    taken = sum(outcome != "not taken" for outcome in outcomes)
    if not taken:
        why = problem.fault or ("none of its steps was taken" if outcomes else "has no steps")
        return reading.ledger.enter("problem", problem.id, "not taken", why).outcome
    left = f"taken in part: {taken} of {len(outcomes)} steps" if taken < len(outcomes) else ""
    changes = tuple(note for note in (left, licence_of(problem.licence)[1]) if note)
    title = title_not_shown(problem)
    remarks = (f"title not shown, as there is a text: {title}",) if title else ()
    return reading.ledger.noted("problem", problem.id, changes, remarks).outcome


def _account_for_file(reading: _Reading, file: PurePosixPath, fault: str, outcome: Outcome, note: str) -> None:
    """Enter a file under the outcome of what it holds; a missing file has no entry of its own."""
    if fault != "file missing":
        reading.ledger.enter("file", str(file), outcome, fault or note)


def _read_step(reading: _Reading, problem: Problem, step: Step, folder: PurePosixPath, earlier: list[Step]) -> Outcome:
    reading.steps += step.id in reading.model
    pathways = _pathways(reading, folder)
    hints = pathways[0].hints if pathways and pathways[0].default else ()
    named = skill_of(step.id, reading.model, problem.lesson)
    own_rights = rights(problem, hints)
    made = _made(reading, Source(problem, step, earlier, hints, named.skill.code, own_rights), named)
    outcome = _account_for_step(reading, step, made, named, pathways)
    _account_for_file(reading, folder / f"{folder.name}.json", step.fault, outcome, f"holds the step: {step.id}")
    for pathway in pathways:
        _account_for_pathway(reading, pathway, made)
    return outcome


def _made(reading: _Reading, source: Source, named: Named) -> Made | str:
    """Make the items of a step and add them to the bank, or say why not."""
    try:
        made = items_of(source)
        for item in made.items:
            if any(item.id == other.id for other in reading.items):
                raise UnusableError("id used before: a bank cannot hold two items of one id")
            verify(item, named.skill)
    except UnusableError as error:
        return str(error)
    reading.items.extend(made.items)
    reading.skills.setdefault(named.skill.code, named.skill)
    return made


def _account_for_step(
    reading: _Reading, step: Step, made: Made | str, named: Named, pathways: list["_Pathway"]
) -> Outcome:
    if isinstance(made, str):
        return reading.ledger.enter("step", step.id, "not taken", made).outcome
    unread = tuple(f"without its hints: {pathway.fault}" for pathway in pathways if pathway.fault)
    changes = (*made.changes, *((named.note,) if named.note else ()), *unread)
    return reading.ledger.noted("step", step.id, changes, made.remarks).outcome


@dataclass(frozen=True, slots=True)
class _Pathway:
    """A file of hints; only a step's default pathway is told."""

    path: PurePosixPath
    default: bool
    hints: tuple[Hint, ...] = ()
    fault: str = ""


def _pathways(reading: _Reading, folder: PurePosixPath) -> list[_Pathway]:
    """Read the hint files of a step, the default one first."""
    own = folder / "tutoring"
    files = [path for path in reading.found if path.parent == own and path.suffix == ".json"]
    files.sort(key=lambda path: (not path.stem.endswith("DefaultPathway"), path.name))
    return [_pathway(reading, path, place == 0, folder.name) for place, path in enumerate(files)]


def _pathway(reading: _Reading, path: PurePosixPath, default: bool, step: str) -> _Pathway:
    try:
        return _Pathway(path, default, records.hints(reading.load(path), step))
    except UnusableError as error:
        return _Pathway(path, default, fault=str(error))


def _account_for_pathway(reading: _Reading, pathway: _Pathway, made: Made | str) -> None:
    outcomes = [_account_for_hint(reading, hint, pathway, made) for hint in _all(pathway.hints)]
    count = f"{len(outcomes)} hint{'' if len(outcomes) == 1 else 's'}"
    whole: Outcome = outcomes[0] if len(set(outcomes)) == 1 else "changed"
    if not outcomes:
        whole = "not taken" if pathway.fault or isinstance(made, str) else "taken"
    _account_for_file(reading, pathway.path, pathway.fault, whole, f"holds hints: {count}")


def _all(hints: tuple[Hint, ...]) -> Iterator[Hint]:
    for hint in hints:
        yield hint
        yield from _all(hint.inside)


def _account_for_hint(reading: _Reading, hint: Hint, pathway: _Pathway, made: Made | str) -> Outcome:
    ledger = reading.ledger
    if isinstance(made, str):
        return ledger.enter("hint", hint.id, "not taken", f"its step was not taken: {made}").outcome
    if not pathway.default:
        return ledger.enter("hint", hint.id, "not taken", f"another pathway: {pathway.path.name}").outcome
    if lost := made.told.lost.get(hint.id):
        return ledger.enter("hint", hint.id, "not taken", lost).outcome
    licence = licence_of(hint.licence)[1]
    return ledger.noted("hint", hint.id, (*made.told.fates[hint.id], *((licence,) if licence else ()))).outcome


def _account_for_the_rest(reading: _Reading) -> None:
    """Enter every file that nothing was made of."""
    for path, found in reading.found.items():
        reading.ledger.enter("file", str(path), "not taken", found.fault or _why_not_read(path))


def _why_not_read(path: PurePosixPath) -> str:
    if path.suffix.lower() in {".gif", ".png", ".jpg", ".jpeg", ".svg", ".webp"}:
        return "a picture: items with pictures come later"
    return _ELSEWHERE.get(path.parts[0], "no part of a problem")
