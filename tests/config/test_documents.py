"""YAML as people expect it, with positions, and overrides on top."""

import pytest

from actlab.config import ConfigError, parse, read, write


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1E5", 100000.0),
        ("-.5", -0.5),
        ("3", 3),
        ("010", 10),
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("true", True),
        ("2024-01-01", "2024-01-01"),
        ("0x10", "0x10"),
        ("0o17", "0o17"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("~", None),
        ("null", None),
        (".inf", float("inf")),
    ],
)
def test_scalars_are_what_people_expect(text, value):
    assert parse(f"key: {text}").value == {"key": value}


@pytest.mark.parametrize(
    "value", [1e-5, 0.1, 3, "no", "true", "1e-3", "010", None, [1, [2.5, "x"]], {"a": {"b": []}}]
)
def test_write_and_parse_are_inverse(value):
    assert parse(write({"key": value})).value == {"key": value}


def test_duplicate_keys_are_an_error_with_the_second_place():
    with pytest.raises(ConfigError, match=r"f\.yaml:3:3: a\.b: stands twice"):
        parse("a:\n  b: 1\n  b: 2\n", "f.yaml")


def test_merge_keys_and_anchors_work():
    text = "base: &b {x: 1}\nother: {<<: *b, y: 2}"
    assert parse(text).value["other"] == {"x": 1, "y": 2}


@pytest.mark.parametrize(
    "text", ["a: [1", "\ta: 1", "a: b: c", "&x", "a: !!python/object:os.system x"]
)
def test_broken_yaml_names_the_line(text):
    try:
        parse(text, "f.yaml")
    except ConfigError as error:
        assert str(error).startswith("f.yaml:")


def test_missing_and_binary_files_are_said_so(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        read(tmp_path / "none.yaml")
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="UTF-8"):
        read(tmp_path / "b.yaml")


def test_override_sets_a_nested_value_and_opens_words():
    document = parse("model: {activation: leaky_relu}").override("model.activation.slope=0.2")
    assert document.value == {"model": {"activation": {"name": "leaky_relu", "slope": 0.2}}}


def test_override_reads_yaml_and_reaches_into_lists():
    document = parse("a: [1, 2]").override("a.1={name: x}")
    assert document.value == {"a": [1, {"name": "x"}]}


@pytest.mark.parametrize("assignment", ["nothing", "=3", "a..b=1"])
def test_bad_overrides_say_how(assignment):
    with pytest.raises(ConfigError, match="write KEY=VALUE"):
        parse("a: 1").override(assignment)
