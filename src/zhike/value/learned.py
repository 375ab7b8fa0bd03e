"""What a run learned and scoring one more customer needs. Stored with the run."""

from dataclasses import asdict, dataclass
from typing import Any

from zhike.value.fitted import Fitted
from zhike.value.models import Run
from zhike.value.rfm_cuts import RfmCuts


@dataclass(frozen=True)
class Learned:
    models: Fitted
    rfm: RfmCuts
    grades: tuple[float, ...]  # the least contribution of key, important, regular
    typical_rhythm: float  # days
    matrix: dict[str, float] | None = None  # above it cost, present and future profit are high; runs of long ago have none

    def as_json(self) -> dict[str, Any]:
        return {
            "bgnbd": self.models.buying, "gamma_gamma": self.models.spending, "margin_share": self.models.margin_share,
            "rfm": asdict(self.rfm), "grades": list(self.grades), "typical_rhythm": self.typical_rhythm, "matrix": self.matrix,
        }  # fmt: skip

    @classmethod
    def of(cls, run: Run) -> "Learned":
        known = run.models_fitted
        cuts: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in known["rfm"].items()}
        return cls(
            Fitted(known["bgnbd"], known["gamma_gamma"], known["margin_share"]),
            RfmCuts(**cuts),
            tuple(known["grades"]),
            known["typical_rhythm"],
            known.get("matrix"),
        )
