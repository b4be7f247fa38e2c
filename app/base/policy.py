"""Every threshold of the product, each with its source: the one typed policy.

A district changes values with a JSON file (`WAYSTATION_POLICY_FILE`); whatever is not named there keeps its default.
Answers and cards name the hash of the policy that they were made under.
"""

import hashlib
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.mastery import MasteryRule
from models.readiness import ReadinessRule


class Section(BaseModel):
    """A group of thresholds that belong together."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _in_order(rules: Section, *pairs: tuple[str, str]) -> None:
    for low, high in pairs:
        if getattr(rules, low) > getattr(rules, high):
            raise ValueError(f"{low} cannot be above {high}")


class Practice(Section):
    """Product rules, section 1: practice at the station."""

    target_success: float = Field(
        0.75,
        gt=0.5,
        lt=1,
        description="Chance of success that core items aim at; product rules 1, Difficulty.",
    )
    lowest_success: float = Field(
        0.70, gt=0, lt=1, description="Items are drawn from those with at least this chance; 1, Difficulty."
    )
    highest_success: float = Field(0.85, gt=0, lt=1, description="... and at most this; 1, Difficulty.")
    target_slack: float = Field(
        0.05,
        ge=0,
        le=0.1,
        description="Items whose chance is as near to the target are alike for a student; those that tell most come "
        "first. The lower half of the band of 1, Difficulty.",
    )
    review_success: float = Field(0.85, gt=0.5, lt=1, description="The same for review items; 1, Shape.")
    probe_every: int = Field(4, ge=2, description="Every so many items one lies near the mastery cut; 1, Difficulty.")
    blocked_items: int = Field(3, ge=0, description="A new skill opens with this many items in a row; 1, Order.")
    interleaved_share: float = Field(
        0.30, ge=0, le=1, description="Share of items from other skills after that; 1, Order."
    )
    longest_run: int = Field(3, ge=1, description="Never more items of one skill in a row; 1, Order.")
    most_per_skill: int = Field(10, ge=1, description="Items of one unmastered skill in a sitting; 1, Frustration.")
    easier_after_misses: int = Field(2, ge=1, description="An easier item after so many misses; 1, Frustration.")
    example_after_misses: int = Field(3, ge=1, description="A worked example after so many; 1, Frustration.")
    easier_success: float = Field(0.85, gt=0.5, lt=1, description="Chance of success that an easier item aims at.")
    tries: int = Field(2, ge=1, description="Tries before the worked solution is shown; 1, Feedback.")
    sibling_after: int = Field(3, ge=1, description="A sibling item comes back after so many items; 1, Feedback.")
    sibling_before: int = Field(6, ge=1, description="... and before so many; 1, Feedback.")
    hint_opens_s: float = Field(10, ge=0, description="Seconds before the first hint opens; 1, Hints.")
    randomesque: int = Field(5, ge=1, description="The next item is drawn from so many best; exposure control.")
    pretest_every: int = Field(
        10, ge=2, description="Every so many items one comes from those not calibrated yet, where some are; design."
    )
    repeat_days: float = Field(7, ge=0, description="An item comes again to a student after so many days; 3, Openers.")
    resume_hours: float = Field(24, gt=0, description="What was unfinished is resumed for so long; 1.")
    sitting_minutes: float = Field(20, gt=0, description="A sitting without a lesson lasts so long; 1.")
    exit_minutes: float = Field(2, ge=0, description="A sitting ends with one exit item in its last minutes; 1, Shape.")
    exit_share: float = Field(
        0.17, ge=0, le=1, description="... but no more than this share of a short one: two minutes of twelve; 1, Shape."
    )
    spares: int = Field(3, ge=0, description="Questions that a page keeps for a drop of the network; 10, Offline.")
    unknown_median_s: float = Field(
        30, gt=0, description="Seconds an item is taken to need while fewer times are known; 1, Shape."
    )
    general_variance: float = Field(
        0.6,
        gt=0,
        description="Variance of the general ability before any answer (logits squared); design, tree.",
    )
    skill_variance: float = Field(0.4, gt=0, description="Variance of a skill's own part; the two add up to 1.")
    forgetting: float = Field(
        0.01, ge=0, description="Variance added a day since the last evidence (logits squared); 1, Review."
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        _in_order(self, ("sibling_after", "sibling_before"))
        return self


class Mastery(Section):
    """Product rules, section 1: when a skill counts as got, as secure, and as due for review."""

    p: float = Field(0.90, gt=0, lt=1, description="Got it from this P(theta > cut); 1, Got it.")
    scored: int = Field(4, ge=1, description="... with at least so many scored answers; 1, Got it.")
    hard_right: int = Field(2, ge=0, description="... of which unaided and right on hard items; 1, Got it.")
    hard_margin: float = Field(0.3, ge=0, description="Hard: at most so many logits below the cut; 1, Got it.")
    lapse: float = Field(0.80, description="Got it is lost below this P; 2.")
    secure_p: float = Field(0.95, description="Secure from this P; 1, Secure.")
    secure_days: float = Field(1, ge=0, description="... and a right answer so many days later; 1, Secure.")
    half_life_days: float = Field(7, gt=0, description="Half-life of a skill just got; 1, Review.")
    review_below: float = Field(0.75, gt=0, lt=1, description="Review is due below this recall; 1, Review.")
    cut_chance: float = Field(
        0.67,
        gt=0,
        lt=1,
        description="The cut is the ability with this chance on the skill's typical item (bookmark method, RP67).",
    )
    default_cut: float = Field(0.0, description="Cut (logits) of a skill none of whose items has a difficulty.")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        _ = self.rule  # says itself what does not fit
        return self

    @cached_property
    def rule(self) -> MasteryRule:
        """The same thresholds as the measurement code takes them."""
        return MasteryRule(
            self.p, self.scored, self.hard_right, self.hard_margin, self.lapse, self.secure_p, self.secure_days
        )


class Calibration(Section):
    """When what a calibration found about an item may be used."""

    answers: int = Field(50, ge=1, description="Fewer first answers than this are too few to judge an item; 8.")
    error: float = Field(0.5, gt=0, description="Largest standard error of a difficulty, logits: what an author's is.")
    flattest: float = Field(0.2, gt=0, description="Smallest discrimination; a flatter item says next to nothing.")
    steepest: float = Field(4.0, gt=0, description="Largest discrimination; a steeper one is a fault of the data.")
    furthest: float = Field(5.0, gt=0, description="Largest distance of a difficulty from the mean student, logits.")
    fresh_answers: int = Field(
        200, ge=1, description="The nightly calibration of a bank waits for so many new answers; fewer move little."
    )
    adopt: bool = Field(
        False, description="Serve what the nightly calibration found without anyone having looked at it; design: gated."
    )


class ColdStart(Section):
    """When an item that nobody has answered is served with a predicted difficulty instead of its author's."""

    items: int = Field(
        40,
        ge=40,
        description="Calibrated items that a prediction needs; from fewer mostly noise is learnt (Harrell 2015).",
    )
    better: float = Field(
        0.95,
        gt=0,
        le=1,
        description="Largest error of predictions for items left out, as a share of the author's ratings' error.",
    )


class Forecast(Section):
    """When the chance of the next answer may be corrected by what earlier answers taught; else it is the IRT chance."""

    answers: int = Field(
        2000,
        ge=200,
        description="Fewer scored answers than this are too few: with a quarter of them wrong, and ten weights and a "
        "level for each of 16 skills, some twenty for each number (twice the rule of Peduzzi et al. 1996).",
    )
    students: int = Field(
        50, ge=5, description="Fewer students than this are too few: a fifth at a time is set apart to judge by."
    )
    fresh_answers: int = Field(
        500, ge=1, description="The nightly training of a bank waits for so many new answers; fewer move little."
    )
    surety: float = Field(
        2.0,
        gt=0,
        description="On students set apart it must save log loss: so many of its standard errors over students, "
        "about 98% sure.",
    )
    error: float = Field(
        0.03,
        gt=0,
        description="Largest expected calibration error on students set apart, unless that of the IRT chance is "
        "larger; a fifth of the band that items are drawn from (1, Difficulty).",
    )


class Readiness(Section):
    """Product rules, section 3: is the next group ready."""

    answers: int = Field(4, ge=1, description="Scored, unaided, not too fast answers that suffice for a skill; 3.")
    days: float = Field(21, gt=0, description="... within so many days; 3.")
    enough: float = Field(0.60, description="Not enough evidence below this share of the group; 3, step 1.")
    share: float = Field(0.80, description="Share of the group that has to be ready: m = ceil(.8 N); 3.")
    go: float = Field(0.80, description="Go from this P(K >= m); 3, step 2.")
    start_with: float = Field(0.20, description="Start with a skill from this P(K >= m) down; 3, step 3.")
    gap: float = Field(0.50, description="... when the mean gap in one skill is at least this; 3, step 3.")
    pull: float = Field(0.35, description="Pull a student with r up to this; 3, step 4.")
    skip: float = Field(0.80, description="A student with r from this may start alone; 3, step 4.")
    pull_most: int = Field(6, ge=1, description="Seats at the teacher's table; 3, step 4.")
    hysteresis: float = Field(0.05, ge=0, description="A standing decision is left beyond its threshold by this; 3.")
    lesson_weight: float = Field(0.25, ge=0, description="Weight of each coming lesson that needs the skill; 3, Focus.")
    lesson_days: int = Field(10, ge=0, description="Lessons within so many days count; 3, Focus.")
    own_prerequisites: float = Field(0.5, description="A focus skill's own prerequisites average this; 3, Focus.")
    coverage: float = Field(0.90, gt=0, lt=1, description="Probability that the range of K holds; 3.")
    high: float = Field(0.80, description="High confidence from this share of evidence; 3, Confidence.")
    high_width: int = Field(1, ge=0, description="... with a range at most so wide; 3, Confidence.")
    probes: int = Field(2, ge=1, description="Questions queued for a student without evidence; 3, step 1.")
    misconception_students: int = Field(2, ge=1, description="A shared misconception is held by so many; 3.")
    misconception_share: float = Field(0.40, description="... and by this share of the group; 3.")
    misconception_times: int = Field(2, ge=1, description="Each chose it so many times; 3.")
    misconception_window: int = Field(6, ge=1, description="... in the last so many chances; 3.")
    opener_focus: float = Field(0.8, description="Predicted success of the opener on the focus; 3, Openers.")
    opener_misconception: float = Field(0.6, description="... of the one that offers the misconception; 3, Openers.")
    opener_lesson: float = Field(0.5, description="... of the one from the lesson itself; 3, Openers.")
    unseen_days: float = Field(7, description="Openers are unseen for so many days; 3, Openers.")
    draws: int = Field(2000, ge=200, description="Joint draws of each student's abilities.")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        _ = self.rule  # says itself what does not fit
        return self

    @cached_property
    def rule(self) -> ReadinessRule:
        """The same thresholds as the measurement code takes them."""
        names = {field.name for field in fields(ReadinessRule)}
        return ReadinessRule(**self.model_dump(include=names))


class Pace(Section):
    """Product rules, sections 1 and 2: answered too fast to have been read."""

    fast_s: float = Field(10, gt=0, description="No limit is above this; 2, Answering very fast.")
    fast_share: float = Field(0.10, gt=0, lt=1, description="Share of the item's mean time.")
    fast_unknown_s: float = Field(3, gt=0, description="The limit while fewer times are known.")
    known_times: int = Field(30, ge=1, description="So many times make the mean known.")


class Board(Section):
    """Product rules, section 2: what the teacher sees live."""

    stuck_answers: int = Field(10, ge=1, description="Scored answers on the skill before Stuck; 2.")
    stuck_p: float = Field(0.35, description="Stuck below this P(mastery); 2.")
    stuck_rise: float = Field(0.10, description="... and risen by less over the window; 2.")
    stuck_window: int = Field(5, ge=1, description="Answers that the rise is measured over; 2.")
    stuck_clear_p: float = Field(0.50, description="Stuck clears at this P; 2.")
    stuck_misses_after_example: int = Field(3, ge=1, description="Misses after a worked example; 2.")
    struggle_answers: int = Field(6, ge=1, description="Early struggle from so many answers; 2.")
    struggle_right: int = Field(3, ge=0, description="... with at most so many right; 2.")
    struggle_p: float = Field(0.25, description="... and P below this; 2.")
    struggle_clear_right: int = Field(2, ge=1, description="Clears after so many right in a row; 2.")
    fast_run: int = Field(3, ge=1, description="Answers in a row under the limit; 2.")
    fast_sitting: float = Field(0.30, description="... or this share of the sitting; 2.")
    fast_clear: int = Field(3, ge=1, description="Clears after so many at normal speed; 2.")
    skip_hints: int = Field(2, ge=1, description="Hints each opened quickly, on an item; 2.")
    skip_hint_s: float = Field(3, gt=0, description="Quickly: less than this after the last; 2.")
    skip_items: int = Field(2, ge=1, description="On so many of the last items; 2.")
    skip_window: int = Field(4, ge=1, description="Last items that count; 2.")
    skip_clear: int = Field(2, ge=1, description="Clears after so many unaided tries; 2.")
    idle_least_s: float = Field(120, gt=0, description="Idle no sooner than this without input; 2.")
    idle_times_p90: float = Field(2, gt=0, description="... or so many times the item's 90th percentile time; 2.")
    idle_most_s: float = Field(240, gt=0, description="... and no later than this; 2.")
    idle_extra_time: float = Field(1.5, ge=1, description="Times this with extra time; 2.")
    heartbeat_s: float = Field(10, gt=0, description="A student's page reports so often; 2, Offline.")
    offline_beats: int = Field(2, ge=1, description="Offline after so many missed heartbeats; 2.")
    off_pace_enter: float = Field(0.50, description="Share of own median rate; 2, Off pace.")
    off_pace_clear: float = Field(0.70, description="Clears at this share; 2.")
    off_pace_after_s: float = Field(300, description="Looked at after so long; 2.")
    ready_enter: float = Field(0.80, description="All prerequisites at least this; 2, Ready to advance.")
    ready_leave: float = Field(0.65, description="Any below this ends it; 2.")
    ready_answers: int = Field(4, ge=1, description="... with so many answers each; 2.")
    alerts: int = Field(3, ge=1, description="Alerts shown at once; 2.")
    not_visited_days: int = Field(5, ge=1, description="Students nobody visited for so long are named; 2.")
    least_stay_s: float = Field(60, ge=0, description="A state stays at least so long, except Hand and Offline; 2.")
    gather_s: float = Field(
        2, gt=0, description="Events are gathered so long: an answer is on the board within this time; 2."
    )
    panel_s: float = Field(10, ge=0, description="The group panel changes at most so often; 2.")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        _in_order(
            self,
            ("ready_leave", "ready_enter"),
            ("stuck_p", "stuck_clear_p"),
            ("off_pace_enter", "off_pace_clear"),
            ("idle_least_s", "idle_most_s"),
        )
        return self


class Rotation(Section):
    """Product rules, sections 3 and 4: the rotation and the card that opens before it."""

    card_opens_s: float = Field(180, gt=0, description="The next group's card opens so long before the bell; 3.")
    undo_s: float = Field(10, gt=0, description="Rotate can be taken back for so long; 4.")
    extend_s: float = Field(60, gt=0, description="The +1 button adds this.")
    transition_s: float = Field(60, ge=0, description="Walking from station to station; 4.")


class Supports(Section):
    """Product rules, section 1: supports for single students."""

    options: int = Field(
        3,
        ge=2,
        description="With fewer options a choice shows at most so many, and one is left out at least; three do as "
        "well as four or five (Rodriguez 2005); 1, Supports.",
    )


class Policy(Section):
    """All thresholds. Hashed over every value, so that two equal policies have one name."""

    practice: Practice = Practice()
    mastery: Mastery = Mastery()
    readiness: Readiness = Readiness()
    pace: Pace = Pace()
    board: Board = Board()
    calibration: Calibration = Calibration()
    cold_start: ColdStart = ColdStart()
    forecast: Forecast = Forecast()
    rotation: Rotation = Rotation()
    supports: Supports = Supports()

    @cached_property
    def hash(self) -> str:
        """First twelve hexadecimal digits of the SHA-256 of all values."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]


def load(path: Path | None) -> Policy:
    """Read a district's thresholds; None gives the defaults.

    Raises
    ------
    ValueError
        The file cannot be read or a value is not allowed; says which and why.
    """
    if path is None:
        return Policy()
    try:
        return Policy.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"The policy file cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ValueError("The policy file is not UTF-8 text.") from error
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'the file'}: {fault['msg']}" for fault in error.errors()
        )
        raise ValueError(f"The policy file has values that are not allowed: {faults}.") from error
