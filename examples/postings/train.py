"""Make the job board of the example and train its ranker; write splits, model and reference outputs.

Nobody in these data is real: postings and applicants are drawn from a fixed seed. A recruiter graded twelve applicants
of each posting from 0 to 3; small gradient boosting scores an applicant for a posting, and the board lists them by it.

    python -m examples.postings.train        # rewrites train.csv, test.csv, model.onnx, golden.csv
"""

import csv
from pathlib import Path

import numpy as np
from skl2onnx import to_onnx
from sklearn.ensemble import GradientBoostingRegressor

HERE = Path(__file__).parent
SEED = 11
APPLICANTS = 12
FEATURES = ("skill_match", "years", "test_score", "distance_km", "wanted_years")
SECTORS = ("care", "it", "trade")


def main() -> None:
    random = np.random.default_rng(SEED)
    train, test = board(random, 0, 150), board(random, 150, 170)
    model = GradientBoostingRegressor(n_estimators=60, max_depth=3, learning_rate=0.1, random_state=SEED)
    model.fit(features(train), [row["grade"] for row in train])
    write(HERE / "train.csv", train)
    write(HERE / "test.csv", test)
    scores = model.predict(features(test))
    (HERE / "golden.csv").write_text("score\n" + "".join(f"{value:.9g}\n" for value in scores), encoding="utf-8")
    graph = to_onnx(model, features(train)[:1], target_opset=17)
    graph.doc_string = "Applicants ranked for a posting, example of Quaestor"
    (HERE / "model.onnx").write_bytes(graph.SerializeToString(deterministic=True))


def board(random: np.random.Generator, first: int, postings: int) -> list[dict[str, object]]:
    """The applicants of some postings, with the recruiter's grade of each."""
    rows: list[dict[str, object]] = []
    for posting in range(first, first + postings):
        wanted, sector = int(random.integers(0, 9)), str(random.choice(SECTORS))
        skill = random.beta(2, 2, APPLICANTS)
        women = random.random(APPLICANTS) < 0.5
        years = np.round(random.gamma(2.0, 2.5, APPLICANTS) * np.where(women, 0.75, 1.0), 1)  # breaks in a career
        score = np.clip(np.round(random.normal(55 + 25 * (skill - 0.5), 14)), 0, 100)
        distance = np.round(random.gamma(1.5, 12, APPLICANTS), 1)
        fit = 3.2 * skill + 0.03 * score - 0.02 * distance - 0.25 * np.maximum(0, wanted - years)
        fit += random.normal(0, 0.5, APPLICANTS)
        grade = np.digitize(fit, [1.8, 2.9, 3.8])
        for at in range(APPLICANTS):
            values = (f"{skill[at]:.3f}", f"{years[at]:g}", f"{score[at]:g}", f"{distance[at]:g}", wanted)
            row = dict(zip(FEATURES, values, strict=True))
            person = {"sex": "f" if women[at] else "m", "grade": int(grade[at])}
            rows.append({"posting": f"p{posting:03d}", "sector": sector, **row, **person})
    return rows


def features(rows: list[dict[str, object]]) -> np.ndarray:
    return np.asarray([[float(str(row[name])) for name in FEATURES] for row in rows], dtype=np.float32)


def write(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
