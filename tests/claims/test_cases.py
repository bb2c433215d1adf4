"""Claims as they stand in YAML: what is read, what is refused, and where."""

import pytest

from actlab.claims.case import has_claims, read_case
from actlab.config import ConfigError
from actlab.experiment import load
from actlab.sweeping.plan import plan

TEXT = """\
data: {source: {name: synthetic, train: 300, validation: 100, test: 100}}
model: {depth: 1, width: 8}
train: {epochs: 1}
sweep:
  variants:
    plain: {}
    dropout: {regularization: {dropout: 0.5}}
  parameters: {seed: range(2)}
full: {seed: range(5), data.source.train: 900, sweep.zip: []}
claims:
  - id: X1
    says: Dropout narrows the gap.
    checks:
      - measure: {name: metric, metric: gap}
        of: dropout
        against: plain
        holds: {below: 0}
        because: narrower is narrower
"""


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "claim.yaml"
    found.write_text(TEXT)
    return found


def test_a_case_has_its_claims_and_runs(path):
    case = read_case(path)
    assert [claim.id for claim in case.claims] == ["X1"]
    assert [one.label for one in case.plan.variants] == [
        "variant=plain,seed=0", "variant=plain,seed=1",
        "variant=dropout,seed=0", "variant=dropout,seed=1",
    ]  # fmt: skip
    assert case.seeds == [0, 1] and case.trains
    dropout = case.chosen({"variant": "dropout"})
    assert [part.name for part in dropout[0].experiment.regularization] == ["dropout"]


def test_full_goes_on_top_of_the_config_and_of_what_it_sweeps(path):
    full = read_case(path, full=True)
    assert full.seeds == [0, 1, 2, 3, 4]
    assert full.plan.variants[0].experiment.data.source.sizes == (900, 100, 100)


def test_other_images_take_the_place_of_the_built_in_ones_alone(path):
    experiment = read_case(path, source="cifar10").plan.variants[0].experiment
    assert experiment.data.source.name == "cifar10"
    assert experiment.data.source.sizes == (300, 100, 100)
    path.write_text(TEXT.replace("name: synthetic", "name: spiral"))
    assert (
        read_case(path, source="cifar10").plan.variants[0].experiment.data.source.name == "spiral"
    )


def test_all_claims_share_one_folder_of_runs(path, tmp_path):
    """So the same experiment is trained once, whoever asks for it."""
    other = tmp_path / "other.yaml"
    other.write_text(TEXT.replace("X1", "X2"))
    directories = [
        {one.experiment.directory for one in read_case(found).plan.variants}
        for found in (path, other)
    ]
    assert directories[0] == directories[1]


def test_a_config_with_claims_is_still_a_config(path):
    assert has_claims(path)
    assert len(plan(path).variants) == 4
    text = TEXT[: TEXT.index("sweep:")] + TEXT[TEXT.index("claims:") :]
    path.write_text(text)
    assert load(path).train.epochs == 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "of: dropout",
            "of: dropuot",
            r"yaml:15:13: claims.0.checks.0.of: no run has .* 'dropuot'; did you mean 'dropout'\?",
        ),
        ("of: dropout", "of: {seed: [1, 9]}", r"15:13: .*no run has seed '9'; known: 0, 1, 2"),
        ("of: dropout", "of: {model.dept: 3}", r"15:13: .*'model.dept' is not swept here"),
        ("metric: gap", "metric: gab", r"14:41: .*must be one of 'train_loss', .*, not 'gab'"),
        ("metric: gap", "metric: gap, epoch: 2", r"14:18: .*gap is known at the end only"),
        ("metric: gap", "metrik: gap", r"14:33: .*unknown key 'metrik'; did you mean 'metric'"),
        ("name: metric", "name: metrics", r"14:18: .*unknown 'metrics'; did you mean 'metric'"),
        ("holds: {below: 0}", "holds: {}", r"17:16: .*name what effects it holds for"),
        ("holds: {below: 0}", "holds: {equals: 0}", r"17:16: .*equals goes with within"),
        ("against: plain", "order: [plain]\n        against: plain", "compare in one way"),
        ("against: plain", "over: seed", r"16:15: .*seeds are repetitions"),
        ("        because: narrower is narrower\n", "", r"14:9: .*because: missing"),
        ("data.source.train: 900", "data.sauce: 900", r"9:36: .*unknown key 'sauce'"),
        ("says: Dropout", "say: Dropout", r"12:5: .*unknown key 'say'; did you mean 'says'"),
        ("id: X1", "id: ''", r"11:9: claims.0.id"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(path, old, new, message):
    assert old in TEXT
    path.write_text(TEXT.replace(old, new))
    with pytest.raises(ConfigError, match=message):
        read_case(path, full=True)


def test_a_config_without_claims_has_nothing_to_judge(path):
    path.write_text(TEXT[: TEXT.index("claims:")])
    with pytest.raises(ConfigError, match="there is nothing to judge"):
        read_case(path)


def test_a_variant_is_named_whole_though_its_name_has_a_comma(path):
    text = TEXT.replace("    dropout: {", "    dropout, half: {")
    text = text.replace("    plain: {", "    dropout: {regularization: {l2: 0.5}}\n    plain: {")
    path.write_text(text.replace("of: dropout", "of: dropout, half"))
    case = read_case(path)
    assert {one.settings["variant"] for one in case.chosen(case.claims[0].checks[0].of)} == {
        "dropout, half"
    }
