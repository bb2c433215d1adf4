"""The contact sheet: a row an image, a column a step, and the command that draws it."""

import pytest
import yaml
from typer.testing import CliRunner

from actlab.cli import app
from actlab.config import ConfigError
from actlab.experiment import load
from actlab.figures.contact_sheet import IMAGES, contact_sheet
from actlab.figures.rendering import rendered

CONFIG = {
    "name": "looked-at",
    "data": {
        "source": {"name": "synthetic", "train": 40, "validation": 5, "test": 5},
        "augment": ["flip", "crop", "mixup"],
    },
}


def test_columns_are_steps_and_captions_are_classes():
    experiment = load(CONFIG)
    drawing = contact_sheet(experiment, experiment.data.source.load(0))
    assert len(drawing.axes) == 4 * IMAGES
    assert [axes.get_title() for axes in drawing.axes[:4]] == [
        "as they came", "flip", "crop", "mixup",
    ]  # fmt: skip
    assert drawing.axes[0].get_xlabel() and "\n" in drawing.axes[3].get_xlabel()
    assert rendered(drawing).startswith(b"\x89PNG")


def test_the_command_writes_a_file_or_into_a_folder(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text(yaml.safe_dump(CONFIG))
    for out, expected in ((tmp_path, tmp_path / "augment.png"), (tmp_path / "a.png",) * 2):
        done = CliRunner().invoke(app, ["plot", "augment", str(path), "seed=2", "--out", str(out)])
        assert done.exit_code == 0 and str(expected) in done.output.replace("\n", "")
        assert expected.stat().st_size > 1000


def test_a_config_without_steps_says_what_to_write(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("name: bare")
    done = CliRunner().invoke(app, ["plot", "augment", str(path)])
    assert isinstance(done.exception, ConfigError)
    assert "write such as augment: [flip, crop]" in str(done.exception)
    assert CliRunner().invoke(app, ["plot", "augment"]).exit_code == 2


@pytest.mark.parametrize("step", ["fractional_pooling", {"name": "crop", "size": 20}], ids=str)
def test_smaller_images_are_drawn_too(step):
    experiment = load({**CONFIG, "data": {**CONFIG["data"], "augment": [step]}})
    assert len(contact_sheet(experiment, experiment.data.source.load(0)).axes) == 2 * IMAGES
