"""How well the next answer of a student nobody has seen is predicted, answer by answer.

Real answers (ASSISTments 2009-10 and OLI Statics 2011), split by student as their authors did. Each model is trained
on the training students, hyperparameters included, and predicts every answer of the others from the answers before
it. ECE is over ten bins of equal width, weighted by answers. Published figures stand below the table; those of other
splits are no more than a landmark.

`practice` is what the application aims with, from what a student's standing holds. `linear` uses their whole history;
`served` is the same, one answer after the other by the plain numbers that are stored, with taking the answer in. The
other times are those of a whole data set, for PFA and Best-LR without their counts. `averaged` adds boosted trees to
`linear`; it answers for the accuracy targets in a full run and is not served anywhere.

Run ``python -m benchmarks.prediction [--quick]``.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter, perf_counter_ns

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from benchmarks.prediction_baselines import Side, elo, item_mean, regressions
from benchmarks.prediction_practice import by_fold, examples
from models import filter as gaussian
from models import forecast_training
from models.filter import Settings
from models.history import History, replay
from models.prediction import NextAnswerModel, chances, train, training_features
from models.rasch_map import Answers, Floats, Ints, cross_fit, fit, online_eap

RESPONSES = Path(__file__).resolve().parents[2] / "shared" / "data" / "responses"
DATA = {"assist09": "assist09_gervet.csv.gz", "statics": "statics_gervet.csv.gz"}
QUICK_STUDENTS = {"assist09": 12, "statics": 6}
"""In a quick run one in so many training students is kept; all held-out students are."""
PRACTICE_STUDENTS = 4
"""What practice is served with learns from one in so many: it has a level for each skill and ten weights."""
BEST, BEST_QUICK = "averaged", "linear"
"""Model that answers for the accuracy targets; the time target is that of `served`, which is `linear` one by one."""
PUBLISHED = (
    ("DKT", 0.75, 0.83, "Gervet et al. 2020, JEDM 12(3)"),
    ("Best-LR", 0.77, 0.82, "Gervet et al. 2020, JEDM 12(3)"),
    ("DKT, trained on this split", 0.747, None, "measured once, not here"),
    ("AKT, trained on this split", 0.777, None, "measured once, not here"),
)
"""Model, AUC on ASSISTments 2009 and on Statics 2011, source."""
TARGETS = {"assist09/auc": 0.784, "assist09/ece": 0.006, "statics/auc": 0.833, "us_per_answer": 20}


def load(name: str) -> tuple[Answers, Ints, np.ndarray]:
    """Read the answers sorted by student, the skill of each item, and who is held out."""
    with gzip.open(RESPONSES / DATA[name], "rt") as file:
        rows = list(csv.DictReader(file))
    student = np.array([int(row["user_id"]) for row in rows])
    order = np.argsort(student, kind="stable")
    item, skill = (
        np.unique([int(row[key]) for row in rows], return_inverse=True)[1][order] for key in ("item_id", "skill_id")
    )
    right = np.array([int(row["correct"]) for row in rows])[order]
    held_out = np.array([row["split"] == "test" for row in rows])[order]
    skill_of = np.zeros(item.max() + 1, dtype=np.int64)
    skill_of[item] = skill
    unknown = np.full(student.size, np.nan)
    return Answers(student[order], item, skill, right, unknown, np.zeros_like(item)), skill_of, held_out


def figures(chance: Floats, right: Ints) -> dict[str, float]:
    """AUC, accuracy, Brier score and expected calibration error."""
    bins = np.minimum((chance * 10).astype(np.int64), 9)
    gaps = np.abs(np.bincount(bins, chance - right, 10)).sum() / right.size
    return {
        "auc": round(float(roc_auc_score(right, chance)), 4),
        "accuracy": round(float(np.mean((chance > 0.5) == right)), 4),
        "brier": round(float(np.mean((chance - right) ** 2)), 4),
        "ece": round(float(gaps), 4),
    }


def microseconds(model: NextAnswerModel, new: Answers, b: Floats, settings: Settings) -> float:
    """Median time to predict one answer and take it in, one student after another."""
    taken = []
    history, last = History(settings), -1
    for i in range(min(20000, len(new))):
        if new.student[i] != last:
            history, last = History(settings), new.student[i]
        skill, item, right, difficulty = int(new.skill[i]), int(new.item[i]), bool(new.right[i]), float(b[new.item[i]])
        began = perf_counter_ns()
        model.predict(history, skill, item, difficulty)
        history.observe(skill, item, difficulty, right)
        taken.append(perf_counter_ns() - began)
    return round(float(np.median(taken)) / 1000.0, 1)


class Predictions:
    """Chances of every held-out answer by each model, and how long a model took over one."""

    def __init__(self) -> None:
        self.chances: dict[str, Floats] = {}
        self.us: dict[str, float] = {}

    def timed(self, name: str, predict: Callable[[], Floats], *, after: str = "") -> Floats:
        """Keep what a model predicts; `after` names the model whose predictions it builds on."""
        began = perf_counter()
        chance = self.chances[name] = predict()
        self.us[name] = (perf_counter() - began) / chance.size * 1e6 + self.us.get(after, 0.0)
        return chance


def predicted(training: Answers, new: Answers, skill_of: Ints, quick: bool) -> Predictions:
    """Train every model and let it predict."""
    found = Predictions()
    difficulties = fit(training, skill_of)
    fold, crossed = cross_fit(training, skill_of)
    features, settings = training_features(training, fold, crossed)
    model = train(features, training, int(skill_of.max()) + 1)
    by_mean, by_rating = item_mean(training, skill_of), elo(training, skill_of.size)
    found.timed("item_mean", lambda: by_mean(new))
    found.timed("elo", lambda: by_rating(new))
    found.timed("rasch_eap", lambda: online_eap(new, difficulties))
    found.timed("filter", lambda: 1.0 / (1.0 + np.exp(-gaussian.logits(new, difficulties.b, settings))))
    linear = found.timed("linear", lambda: chances(model, replay(new, difficulties.b, settings), new.skill))
    unseen = replay(new, difficulties.b, settings)
    for name, predict in regressions(Side(training, features), skill_of).items():
        found.timed(name, partial(predict, Side(new, unseen)))
    if not quick:
        trees = HistGradientBoostingClassifier(max_iter=200, learning_rate=0.06, random_state=0)
        trees.fit(features, training.right)
        found.timed("averaged", lambda: (linear + trees.predict_proba(unseen)[:, 1]) / 2, after="linear")
        some = training.student % PRACTICE_STUDENTS == 0
        forecast = forecast_training.train(by_fold(training.where(some), fold[some], crossed, settings))
        found.timed("practice", lambda: forecast_training.predicted(forecast, examples(new, difficulties.b, settings)))
    found.us["served"] = microseconds(model, new, difficulties.b, settings)
    found.chances["served"] = linear
    return found


def measure(name: str, quick: bool) -> dict[str, float]:
    """All figures of one data set, printed as they come."""
    answers, skill_of, held_out = load(name)
    kept = ~held_out & (answers.student % QUICK_STUDENTS[name] == 0) if quick else ~held_out
    training, new = answers.where(kept), answers.where(held_out)
    found = predicted(training, new, skill_of, quick)
    out: dict[str, float] = {}
    for key, chance in found.chances.items():
        values = figures(chance, new.right)
        values["us_per_answer"] = round(found.us[key], 2)
        out |= {f"{name}/{key}/{k}": v for k, v in values.items()}
        print(f"{name:<10}{key:<16}" + "".join(f"{k} {v:<8.4g}" for k, v in values.items()), flush=True)
    best = BEST_QUICK if quick else BEST
    out |= {f"{name}/{k}": out[f"{name}/{best}/{k}"] for k in ("auc", "accuracy", "brier", "ece")}
    return out


def others(found: dict[str, float], key: str, best: str) -> str:
    """Whose figure a target is held against, and that of the models which can be served instead."""
    if "/" not in key:
        return "served"
    name, figure = key.split("/")
    beside = {model: found.get(f"{name}/{model}/{figure}") for model in ("served", "practice")}
    return "  ".join([f"{best:<10}", *(f"{model} {value}" for model, value in beside.items() if value is not None)])


def main() -> None:
    """Print the table and, as the last line, the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a sample of training students, without boosting")
    parser.add_argument("--drill", action="store_true", help="the same as a full run")
    quick = parser.parse_args().quick
    if quick:
        kept = ", ".join(f"one in {n} of {name}" for name, n in QUICK_STUDENTS.items())
        print(f"quick: trained on a sample of students ({kept}), no boosting; the figures fall short of a full run's")
    found: dict[str, float] = {}
    for name in DATA:
        found |= measure(name, quick)
    found["us_per_answer"] = max(found[f"{name}/served/us_per_answer"] for name in DATA)
    for model, assist, statics, source in PUBLISHED:
        print(f"published {model:<28} AUC {assist:<7}{statics or '-':<7}{source}")
    best = BEST_QUICK if quick else BEST
    for key, target in TARGETS.items():
        print(f"{key:<16}{found[key]:>8} target {target:<7}{others(found, key, best)}")
    peers = {f"{model}/auc": [assist, statics] for model, assist, statics, _ in PUBLISHED}
    print(json.dumps({"benchmark": "prediction", "figures": found, "peers": peers}))


if __name__ == "__main__":
    main()
