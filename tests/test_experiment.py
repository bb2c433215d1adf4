"""The config as a model: what it accepts, refuses, and calls itself."""

import json

import jsonschema
import pytest

import actlab
from actlab.config import ConfigError
from actlab.experiment import Experiment, dump, load

BROKEN = [
    ("model: {activation: relux}", "1:21: model.activation: unknown 'relux'; did you mean 'relu'?"),
    ("model: {depht: 3}", "1:9: model.depht: unknown key 'depht'; did you mean 'depth'?"),
    ("model:\n  depth: three", "2:10: model.depth: must be a whole number, not 'three'"),
    ("model: {depth: true}", "1:16: model.depth: must be a whole number, not true"),
    ("model: {depth: 2.5}", "1:16: model.depth: must be a whole number, not 2.5"),
    ("train: {batch_size: 0}", "1:21: train.batch_size: must be at least 1, not 0"),
    ("train: {epochs: -1}", "1:17: train.epochs: must be at least 0, not -1"),
    ("regularization: {dropout: 1}", "1:27: regularization.dropout: must be below 1"),
    ("regularization: {dropuot: 0.5}", "did you mean 'dropout'?"),
    ("regularization: {l2: {strenght: 1}}", "did you mean 'strength'?"),
    ("regularization: 0.5", "must be a mapping such as {l2: 1e-4}"),
    ("train: {optimizer: {name: sgd, lr: .nan}}", "train.optimizer.lr: must be a finite number"),
    ("train: {lr: fast}", "must be a number, not 'fast'"),
    ("model: {activation: {slope: 3}}", "is not of the form NAME or {name: NAME, setting: value}"),
    ("model: {widths: [3, x]}", "1:21: model.widths.1: must be a whole number, not 'x'"),
    ("model: {widths: [3], depth: 2}", "name either widths, or depth and width"),
    ("model: {bias_init: he_normal}", "bias_init: 'he_normal' scales by fans"),
    ("data: {source: gaussian, preprocess: channel_mean}", "'channel_mean' needs images"),
    ("record: {every: 0}", "record.every: must be 'epoch' or at least 1 step"),
    ("name: ../up", "name: "),
    ("seed: -1", "1:7: seed: must be at least 0, not -1"),
    ("- a list", "a config is a mapping"),
]


@pytest.mark.parametrize(("text", "message"), BROKEN, ids=[text for text, _ in BROKEN])
def test_a_fault_is_one_line_with_place_value_and_remedy(tmp_path, text, message):
    path = tmp_path / "f.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(path)
    (fault,) = caught.value.faults
    assert message in str(fault) and str(fault).startswith(f"{path}:")


def test_every_fault_is_named_at_once(tmp_path):
    path = tmp_path / "f.yaml"
    path.write_text("model: {activation: relux, depth: x}\ntrain: {epochs: -1}\nfoo: 1\n")
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert len(caught.value.faults) == 4


def test_one_line_is_a_config():
    experiment = load({"model": {"activation": "tanh"}})
    assert experiment.model.activation.name == "tanh"
    assert [step.name for step in experiment.data.preprocess] == ["scale", "mean_image"]


def test_an_empty_file_is_a_config_named_after_it(tmp_path):
    (tmp_path / "plain.yaml").write_text("")
    assert load(tmp_path / "plain.yaml").name == "plain"


def test_the_config_of_the_readme():
    experiment = load(
        {
            "name": "cifar10-relu-he",
            "data": {
                "source": {"name": "cifar10", "train": 45000, "validation": 5000, "test": 10000},
                "preprocess": ["scale", "mean_image"],
            },
            "model": {"depth": 3, "width": 512, "activation": "relu", "init": "he_normal"},
            "regularization": {"l2": 1e-4, "dropout": 0.2},
            "train": {"epochs": 20, "optimizer": {"name": "sgd", "lr": 0.01, "momentum": 0.9}},
            "record": {"every": "epoch", "bins": 100, "probe_examples": 1000},
        }
    )
    assert {r.name: r.main for r in experiment.regularization} == {
        "dropout": "rate",
        "l2": "strength",
    }
    assert experiment.label == "relu-he_normal-3x512"


def test_words_mappings_numbers_and_aliases_mean_the_same():
    assert load({"model": {"init": "he_normal"}}) == load(
        {"model": {"init": {"name": "kaiming_normal"}}}
    )
    short = load({"model": {"bias_init": 0.1}})
    assert short == load({"model": {"bias_init": {"name": "constant", "value": 0.1}}})
    rate = load({"train": {"lr": 0.5}})
    assert rate == load({"train": {"optimizer": {"name": "sgd", "lr": 0.5}}})


def test_overrides_win_and_their_faults_name_the_command_line():
    experiment = load({"model": {"activation": "tanh"}}, ["model.activation=elu", "seed=3"])
    assert (experiment.model.activation.name, experiment.seed) == ("elu", 3)
    with pytest.raises(ConfigError, match=r"^command line: model\.depth: must be a whole number"):
        load({}, ["model.depth=deep"])


def test_yaml_to_model_to_yaml_is_the_identity(tiny, tmp_path):
    experiment = load(tiny)
    (tmp_path / "e.yaml").write_text(dump(experiment))
    assert load(tmp_path / "e.yaml") == experiment
    assert dump(load(tmp_path / "e.yaml")) == dump(experiment)


def test_the_digest_tells_experiments_apart_but_not_where_data_lie():
    one, other = load({"seed": 1}), load({"seed": 2})
    assert one.digest != other.digest and len(one.digest) == 8
    assert load({"data": {"path": "/somewhere"}}).digest == load({}).digest
    assert load({"model": {"depth": 3}}).digest == load({}).digest


def test_smoke_keeps_the_model_and_shrinks_the_rest():
    experiment = load({"model": {"depth": 7}, "train": {"epochs": 90}})
    smoke = experiment.smoke()
    assert smoke.model == experiment.model
    assert smoke.train.epochs == 1 and max(smoke.data.source.sizes) <= 500


def test_schema_accepts_good_configs_and_refuses_bad_ones(tiny):
    schema = json.loads(json.dumps(Experiment.model_json_schema()))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(tiny, schema)
    jsonschema.validate({"model": {"activation": "relu"}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"model": {"activation": "relux"}}, schema)


def test_frozen():
    with pytest.raises(ValueError, match="frozen"):
        actlab.load({}).seed = 4
