"""From a sweep as people write it to labelled, validated experiments."""

import jsonschema
import pytest
import yaml

from actlab.config import ConfigError
from actlab.sweeping.plan import plan
from actlab.sweeping.values import shown, values_in, values_of

INITS = ["xavier_normal", "he_normal", {"name": "gaussian", "std": 0.01}]


@pytest.fixture
def swept(tiny):
    """A sweep of 3 initializers x 2 depths x 2 seeds."""
    parameters = {"model.init": INITS, "model.depth": [2, 3], "seed": "range(2)"}
    return {"name": "swept", **tiny, "sweep": {"parameters": parameters}}


def labels(config, *assignments):
    """Of all variants, in order."""
    return [one.label for one in plan(config, assignments).variants]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("relu,tanh", ["relu", "tanh"]),
        ("range(5)", [0, 1, 2, 3, 4]),
        ("range(2,20,6)", [2, 8, 14]),
        ("range(2), 7", [0, 1, 7]),
        ("linspace(0,1,3)", [0.0, 0.5, 1.0]),
        ("logspace(-4,-1,7)", [1e-4, 3.16228e-4, 1e-3, 3.16228e-3, 1e-2, 3.16228e-2, 0.1]),
        ("geomspace(1,100,3)", [1.0, 10.0, 100.0]),
        ("he_normal,{name: gaussian, std: 0.01}", ["he_normal", {"name": "gaussian", "std": 0.01}]),
        ("[scale, mean_image],[scale]", [["scale", "mean_image"], ["scale"]]),
        ("1e-3,no,'a,b'", [0.001, "no", "a,b"]),
    ],
)
def test_lists_are_written_as_people_write_them(text, values):
    assert values_in(text) == values


def test_calls_stand_in_yaml_lists_too():
    assert values_of(["range(2)", 9]) == [0, 1, 9] and values_of(3) == [3]


@pytest.mark.parametrize(
    "text",
    ["range()", "range(0)", "range(1.5)", "range(1,5,0)", "range(1e9)", "linspace(1,2)",
     "geomspace(0,1,3)", "logspace(0,999,3)", "range(a)"],
)  # fmt: skip
def test_calls_that_cannot_be_read_are_one_fault(tiny, text):
    with pytest.raises(ConfigError, match=r"command line: seed: .*(write|holds no value)"):
        plan(tiny, [f"seed={text}"])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-4, "0.0001"), (0.1 + 0.2, "0.30000000000000004"), (True, "true"), (None, "none"),
        ({"name": "gaussian", "std": 0.01}, "gaussian(std=0.01)"), (["scale", "zca"], "scale+zca"),
    ],
)  # fmt: skip
def test_values_are_shown_shortly(value, text):
    assert shown(value) == text


def test_labels_say_what_differs_in_the_order_written(swept):
    found = labels(swept)
    assert len(found) == 12 and found[0] == "init=xavier_normal,depth=2,seed=0"
    assert found[-1] == "init=gaussian(std=0.01),depth=3,seed=1"
    assert labels(swept, "seed=7")[1] == "init=xavier_normal,depth=3"


def test_labels_of_paths_that_end_alike_say_more(tiny):
    found = labels(
        tiny, "train.optimizer={name: sgd, momentum: 0.5},sgd", "model.init=he_normal,he_uniform"
    )
    assert found[0] == "optimizer=sgd(momentum=0.5),init=he_normal"
    found = labels(
        tiny, "data.source.n=50,60", "model.init={name: gaussian}", "model.init.std=0.1,0.2",
        "model.output_init={name: gaussian}", "model.output_init.std=0.1,0.2",
    )  # fmt: skip
    assert found[0] == "n=50,init.std=0.1,output_init.std=0.1"


def test_a_list_on_the_command_line_makes_a_sweep_of_a_plain_config(tiny):
    assert labels(tiny, "model.depth=1,2", "train.lr=0.1") == ["depth=1", "depth=2"]
    assert labels(tiny) == ["only"]


def test_zip_takes_values_in_step(swept):
    swept["sweep"]["parameters"]["model.depth"] = [1, 2, 3]
    swept["sweep"]["zip"] = [["model.init", "model.depth"]]
    assert labels(swept, "seed=0") == [
        "init=xavier_normal,depth=1", "init=he_normal,depth=2", "init=gaussian(std=0.01),depth=3"
    ]  # fmt: skip


def test_exclude_leaves_out_what_matches_also_when_pinned(swept):
    swept["sweep"]["exclude"] = [{"model.init": "gaussian", "model.depth": [3, 4]}]
    assert len(labels(swept)) == 10
    assert labels(swept, "model.depth=3", "seed=0") == ["init=xavier_normal", "init=he_normal"]


def test_random_draws_settings_and_gives_each_all_seeds(swept):
    swept["sweep"] |= {"method": "random", "samples": 2}
    found = labels(swept)
    assert len(found) == 4 and found == labels(swept)
    assert {label[-1] for label in found} == {"0", "1"}
    assert len({label.rsplit(",", 1)[0] for label in found}) == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"parameters": {"model.init": ["he_norml", "he_normal"]}}, "did you mean 'he_normal'?"),
        ({"parameters": {"model.dpth": [1, 2]}}, "did you mean 'depth'?"),
        ({"zip": [["model.init", "seed"]]}, "zip needs as many values of each: model.init 3, seed"),
        ({"zip": [["sed", "seed"]]}, "'sed' is not among the parameters; did you mean 'seed'?"),
        ({"samples": 3}, "samples goes with method: random"),
        ({"exclude": [{"seed": [0, 1]}]}, "leaves nothing to train"),
        ({"parameters": {"seed": [1, 1]}}, "the same experiment"),
        ({"parameters": {"seed": "range(1000)", "model.depth": "range(1,1000)"}}, "more than 100"),
        ({"paramters": {}}, "unknown key 'paramters'; did you mean 'parameters'?"),
        ({"parameters": {"name": ["a", "b"]}}, "cannot be swept"),
    ],
)
def test_what_is_wrong_is_said_before_anything_starts(swept, change, message):
    swept["sweep"] |= change
    with pytest.raises(ConfigError) as caught:
        plan(swept)
    assert message in str(caught.value)


def test_faults_of_swept_values_name_their_line(swept, tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text("sweep:\n  parameters:\n    model.init: [he_normal, relux]\n    seed: [0, 1]\n")
    with pytest.raises(ConfigError) as caught:
        plan(path)
    (fault,) = caught.value.faults
    assert str(fault).startswith(f"{path}:3:17: model.init: unknown 'relux'")


@pytest.mark.parametrize(
    ("tune", "message"),
    [
        ({"train.lr": [0.1, "fast"]}, "must be a number, not 'fast'"),
        ({"train.lr": [0.1], "epoch": 3}, "did you mean 'epochs'?"),
        ({"epochs": 3}, "parameters"),
    ],
)
def test_tuning_is_validated_too(swept, tune, message):
    with pytest.raises(ConfigError, match=message.replace("?", r"\?")):
        plan({**swept, "tune": tune})


def test_the_schema_knows_both_sections(swept, capsys):
    from actlab.cli.schema import schema

    schema()
    found = yaml.safe_load(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(found)
    jsonschema.validate({**swept, "tune": {"train.lr": [0.1, 1], "by": "val_loss"}}, found)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**swept, "sweep": {"paramters": {}}}, found)
