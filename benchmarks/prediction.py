"""How well the next answer of a student nobody has seen is predicted, answer by answer.

Real answers (ASSISTments 2009-10 and OLI Statics 2011), split by student as their authors did. Each
model is trained on the training students and predicts every answer of the others from the answers
before it. ECE is over ten bins of equal width, weighted by answers. The figures of other models in
the table were measured once on the same splits (targets.md) and are not run here.

Run ``python -m benchmarks.prediction [--quick]``.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
from pathlib import Path
from time import perf_counter_ns

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from models.history import History, replay
from models.prediction import NextAnswerModel, chances, train, training_features
from models.rasch_map import Answers, Difficulties, Floats, Ints, fit, online_eap

RESPONSES = Path(__file__).resolve().parents[2] / "shared" / "data" / "responses"
DATA = {"assist09": "assist09_gervet.csv.gz", "statics": "statics_gervet.csv.gz"}
QUICK_STUDENTS = {"assist09": 8, "statics": 4}
"""In a quick run one in so many training students is kept; all held-out students are."""
PUBLISHED = {
    "item mean": (0.691, 0.795),
    "PFA": (0.714, 0.689),
    "Rasch, online EAP": (0.757, 0.817),
    "Best-LR": (0.769, 0.827),
    "AKT": (0.777, None),
    "Best-LR, recency windows": (0.778, 0.832),
}
"""AUC on ASSISTments 2009 and Statics 2011, from the reference table of targets.md."""
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


def item_mean(training: Answers, new: Answers, skill_of: Ints) -> Floats:
    """Share of right answers of the item, drawn to its skill by ten answers' weight."""
    n_skills = skill_of.max() + 1
    share = (np.bincount(training.skill, training.right, n_skills) + 1) / (
        np.bincount(training.skill, None, n_skills) + 2
    )
    n = np.bincount(training.item, None, skill_of.size)
    mean = (np.bincount(training.item, training.right, skill_of.size) + 10 * share[skill_of]) / (n + 10)
    return np.asarray(mean[new.item])


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


def microseconds(model: NextAnswerModel, new: Answers, difficulties: Difficulties) -> float:
    """Median time to predict one answer and take it in, one student after another."""
    taken = []
    history, last = History(difficulties.ability_sd), -1
    for i in range(min(20000, len(new))):
        if new.student[i] != last:
            history, last = History(difficulties.ability_sd), new.student[i]
        skill, item, right = int(new.skill[i]), int(new.item[i]), bool(new.right[i])
        b = float(difficulties.b[item])
        began = perf_counter_ns()
        model.predict(history, skill, item, b)
        history.observe(skill, item, b, right)
        taken.append(perf_counter_ns() - began)
    return round(float(np.median(taken)) / 1000.0, 1)


def measure(name: str, quick: bool) -> dict[str, float]:
    """All figures of one data set."""
    answers, skill_of, held_out = load(name)
    kept = ~held_out & (answers.student % QUICK_STUDENTS[name] == 0) if quick else ~held_out
    training, new = answers.where(kept), answers.where(held_out)
    difficulties = fit(training, skill_of)
    features, unseen = training_features(training, skill_of), replay(new, difficulties)
    model = train(features, training, int(skill_of.max()) + 1)
    linear = chances(model, unseen, new.skill)
    found = {
        "item_mean": item_mean(training, new, skill_of),
        "rasch_eap": online_eap(new, difficulties),
        "linear": linear,
    }
    if not quick:
        trees = HistGradientBoostingClassifier(max_iter=200, learning_rate=0.06, random_state=0)
        trees.fit(features, training.right)
        found["averaged"] = (linear + trees.predict_proba(unseen)[:, 1]) / 2
    of = {key: figures(chance, new.right) for key, chance in found.items()}
    for key, values in of.items():
        print(f"{name:<10}{key:<12}" + "".join(f"{k} {v:<8.4f}" for k, v in values.items()), flush=True)
    best = of.get("averaged", of["linear"])
    out = {f"{name}/{k}": v for k, v in best.items()}
    out |= {f"{name}/{key}/{k}": v for key, values in of.items() for k, v in values.items()}
    return out | {"us_per_answer": microseconds(model, new, difficulties)}


def main() -> None:
    """Print the table and, as the last line, the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a sample of training students, without boosting")
    parser.add_argument("--drill", action="store_true", help="the same as a full run")
    quick = parser.parse_args().quick
    if quick:
        print("quick: a sample of the training students, no boosting; the figures fall short of a full run's")
    found: dict[str, float] = {}
    for name in DATA:
        found |= measure(name, quick)
    for model, (assist, statics) in PUBLISHED.items():
        print(f"reference  {model:<28}{assist:<8}{statics or '-'}")
    for key, target in TARGETS.items():
        print(f"{key:<16}{found[key]:>8} target {target}")
    peers = {f"{model}/auc": list(values) for model, values in PUBLISHED.items()}
    print(json.dumps({"benchmark": "prediction", "figures": found, "peers": peers}))


if __name__ == "__main__":
    main()
