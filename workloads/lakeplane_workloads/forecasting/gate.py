"""The promotion gate: a challenger must beat baseline and present champion on the same held-back weeks."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Decision", "Score", "decide"]


@dataclass(frozen=True)
class Score:
    """Errors on the held-back weeks: means over the distinct loads that are compared.

    Attributes:
        mae: Mean absolute error in MW.
        mase: Mean scaled error, without unit.
    """

    mae: float
    mase: float

    def beats(self, other: Score) -> bool:
        """Tell whether both errors are lower; an unknown error (NaN) beats nothing."""
        return self.mae < other.mae and self.mase < other.mase

    def __str__(self) -> str:
        return f"MAE {self.mae:.4f} MW, MASE {self.mase:.4f}"


@dataclass(frozen=True)
class Decision:
    """What the gate decided, and why, in a sentence for people."""

    promoted: bool
    reason: str


def decide(
    challenger: Score, baseline: Score, champion: Score | None, *, champion_name: str = ""
) -> Decision:
    """Judge a challenger.

    Args:
        challenger: Errors of the version that asks to be promoted.
        baseline: Errors of the seasonal-naive baseline on the same loads and hours.
        champion: Errors of the present champion on the same loads and hours; absent if there is none.
        champion_name: How the reason calls the champion.
    """
    if not challenger.beats(baseline):
        return Decision(
            False, f"it does not beat the seasonal-naive baseline: {challenger}; baseline {baseline}"
        )
    if champion is None:
        return Decision(
            True, f"it beats the baseline and there is no champion: {challenger}; baseline {baseline}"
        )
    if not challenger.beats(champion):
        return Decision(False, f"it does not beat {champion_name}: {challenger}; champion {champion}")
    return Decision(
        True,
        f"it beats the baseline and {champion_name}: {challenger}; baseline {baseline}; champion {champion}",
    )
