"""Tables of banks: what authors published, for ever, and the parameters it is served with.

An item version never changes; a parameter set never changes. What is served now is the parameter set adopted last, and
the versions it holds.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base.db import Base, DistrictRow, OwnedRow, of_district, within

AUTHOR, PREDICTED, CALIBRATED = "author", "predicted", "calibrated"
"""Where an item's parameters come from: its author, what is seen of it, or students' answers."""


class BankTable(OwnedRow, Base):
    """A bank; `key` is its author's stable name.

    `glossary` is a list of ``[word, meaning, [other forms]]``; `languages` are those that some question is translated
    to.
    """

    __tablename__ = "banks"
    __table_args__ = (of_district(), UniqueConstraint("district_id", "key"))

    key: Mapped[str]
    title: Mapped[str]
    grade: Mapped[str]
    language: Mapped[str]
    licence: Mapped[str]
    source: Mapped[str]
    glossary: Mapped[list[Any]] = mapped_column(server_default="[]", default=list)
    languages: Mapped[list[Any]] = mapped_column(server_default="[]", default=list)


class SkillTable(OwnedRow, Base):
    """A skill of a bank."""

    __tablename__ = "skills"
    __table_args__ = (within("bank_id", "banks"), UniqueConstraint("district_id", "bank_id", "code"))

    bank_id: Mapped[int]
    code: Mapped[str]
    title: Mapped[str]
    example: Mapped[str]
    position: Mapped[int]


class PrerequisiteTable(DistrictRow, Base):
    """A skill builds on another."""

    __tablename__ = "prerequisites"
    __table_args__ = (within("skill_id", "skills"), within("prerequisite_id", "skills"))

    skill_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    prerequisite_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class MisconceptionTable(OwnedRow, Base):
    """A misconception that distractors are tagged with."""

    __tablename__ = "misconceptions"
    __table_args__ = (within("bank_id", "banks"), UniqueConstraint("district_id", "bank_id", "key"))

    bank_id: Mapped[int]
    key: Mapped[str]
    title: Mapped[str]
    nudge: Mapped[str]


class RecordingTable(DistrictRow, Base):
    """A recording of a question, named by its content. Never changed."""

    __tablename__ = "recordings"
    __table_args__ = (of_district(),)

    name: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[bytes]


class ItemTable(OwnedRow, Base):
    """An item or a generator, whatever its wording; `key` is its author's stable name."""

    __tablename__ = "items"
    __table_args__ = (within("bank_id", "banks"), UniqueConstraint("district_id", "bank_id", "key"))

    bank_id: Mapped[int]
    key: Mapped[str]


class ItemVersionTable(OwnedRow, Base):
    """The wording of an item at one time. Never changed, never deleted."""

    __tablename__ = "item_versions"
    __table_args__ = (
        within("item_id", "items"),
        within("skill_id", "skills"),
        UniqueConstraint("district_id", "item_id", "content_hash"),
    )

    item_id: Mapped[int]
    skill_id: Mapped[int]
    content_hash: Mapped[str]
    family: Mapped[str]
    body: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]


class ParameterSetTable(OwnedRow, Base):
    """A set of item parameters made at one time in one way, such as by the author. Never changed.

    `cuts` gives for each skill (id as text) the ability in logits from which it counts as mastered on this scale.
    """

    __tablename__ = "parameter_sets"
    __table_args__ = (within("bank_id", "banks"),)

    bank_id: Mapped[int]
    source: Mapped[str]
    policy_hash: Mapped[str]
    cuts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class ItemParametersTable(DistrictRow, Base):
    """Response parameters of one item version in one set (logits; `b_sd` is how unsure the difficulty is).

    `origin` says where they come from: `AUTHOR`, `PREDICTED` or `CALIBRATED`.
    """

    __tablename__ = "item_parameters"
    __table_args__ = (within("set_id", "parameter_sets"), within("version_id", "item_versions"))

    set_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    model: Mapped[str]
    a: Mapped[float]
    b: Mapped[float]
    c: Mapped[float]
    b_sd: Mapped[float]
    origin: Mapped[str] = mapped_column(server_default=AUTHOR)


class ForecastTable(DistrictRow, Base):
    """What corrects the IRT chance of a parameter set's items: plain numbers, and how they did. Never changed.

    The set holds the same parameters as `from_set_id`, which is the one to serve when the correction is dropped.
    `numbers` are those of `models.forecast.Forecast`, `evaluation` those of `models.forecast_training.Evaluation`.
    """

    __tablename__ = "forecasts"
    __table_args__ = (within("set_id", "parameter_sets"), within("from_set_id", "parameter_sets"))

    set_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    from_set_id: Mapped[int]
    numbers: Mapped[dict[str, Any]]
    evaluation: Mapped[dict[str, Any]]


class AdoptionTable(OwnedRow, Base):
    """From this moment on a bank was served with this parameter set. The latest one counts."""

    __tablename__ = "adoptions"
    __table_args__ = (
        within("bank_id", "banks"),
        within("set_id", "parameter_sets"),
        Index("ix_adoptions_bank", "district_id", "bank_id", "id"),
    )

    bank_id: Mapped[int]
    set_id: Mapped[int]
    adopted_at: Mapped[datetime]
