"""What a regularizer may do: put a layer behind the activations, or a penalty on the weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field, ValidationError
from pydantic.annotated_handlers import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from actlab.arrays import Array
from actlab.config import Part, member, members, raised_again
from actlab.nn.layer import Layer

if TYPE_CHECKING:
    from actlab.nn.dense import Dense


class Regularizer(Part):
    """A way to narrow the gap between training and test."""

    family: ClassVar[str] = "regularizer"
    main: ClassVar[str]
    """The setting that a bare number stands for: `l2: 1e-4`."""
    needs_residual: ClassVar[bool] = False
    """Whether it acts on residual blocks alone."""
    needs_validation: ClassVar[bool] = False
    """Whether it looks at the validation split."""

    def input_layer(self) -> Layer | None:
        """A layer of noise to put in front of the network."""
        return None

    def hidden_layer(self) -> Layer | None:
        """A layer of noise to put behind every hidden activation."""
        return None

    def block_layer(self, block: int, blocks: int) -> Layer | None:
        """A layer of noise to end the branch of residual block `block` of 1 to `blocks`."""
        return None

    def connected(self, dense: Dense) -> Dense:
        """What takes the place of a hidden dense layer."""
        return dense

    @property
    def penalizes_biases(self) -> bool:
        """Whether the penalty is on every parameter, and not on weights alone."""
        return False

    def penalty(self, weights: Array) -> float:
        """What the loss grows by, given all parameters that are penalized."""
        return 0.0

    def add_gradient(self, weights: Array, grad: Array) -> None:
        """Add the penalty's gradient to `grad`."""

    def project(self, W: Array) -> None:
        """Bring W (n_in, n_out) back to where weights may be, after every update."""


class Penalty(Regularizer):
    """A term of the loss; with any optimizer its gradient is added to the loss's.

    So with Adam it is divided by the root of the mean square gradient: decay apart from that is
    adamw's own setting.
    """

    main: ClassVar[str] = "strength"

    biases: bool = Field(False, description="penalize biases and parameters of norms, too")

    @property
    def penalizes_biases(self) -> bool:
        return self.biases


class _ByName:
    """Regularizers written as a mapping from name to settings, or to the main setting."""

    @classmethod
    def parse(cls, value: Any) -> tuple[Regularizer, ...]:
        if isinstance(value, tuple) and all(isinstance(part, Regularizer) for part in value):
            return value
        if not isinstance(value, Mapping):
            raise PydanticCustomError("not_a_mapping", "must be a mapping such as {l2: 1e-4}")
        parts, faults = [], []
        for word, settings in value.items():
            try:
                parts.append(cls._part(word, settings))
            except ValidationError as error:
                faults += [raised_again(fault, (word,)) for fault in error.errors()]
            except PydanticCustomError as error:
                faults.append(InitErrorDetails(type=error, loc=(word,), input=settings))
        if faults:
            raise ValidationError.from_exception_data("regularization", faults)
        return tuple(sorted(parts, key=lambda part: part.name))

    @staticmethod
    def _part(word: str, settings: Any) -> Regularizer:
        part = member("regularizer", word)
        assert issubclass(part, Regularizer)
        if not isinstance(settings, Mapping):
            settings = {part.main: settings}
        return part.model_validate(settings)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.parse,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda parts: {part.name: part.model_dump(mode="json") for part in parts}
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        forms = {
            word: {"anyOf": [{"type": "number"}, handler(part.__pydantic_core_schema__)]}
            for part in members("regularizer").values()
            for word in (part.name, *part.aliases)
        }
        return {"type": "object", "properties": forms, "additionalProperties": False}


Regularization = Annotated[tuple[Regularizer, ...], _ByName]
