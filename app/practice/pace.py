"""How long students take, and whether an answer came too fast to have been read. Pure."""

from app.base.policy import Policy
from app.practice.queries import Times

# Stochastic quantile steps shrink with the count but never below this, so that the estimate follows a changing class.
SMALLEST_STEP = 0.02


def too_fast(elapsed_s: float, times: Times, policy: Policy) -> bool:
    """Whether an answer came before the item can have been read (product rules 1 and 2)."""
    pace = policy.pace
    known = times.n >= pace.known_times
    limit = min(pace.fast_s, pace.fast_share * times.mean_s) if known else pace.fast_unknown_s
    return elapsed_s < limit


def with_time(times: Times, elapsed_s: float) -> Times:
    """Fold one more time (seconds) into mean, median and 90th percentile.

    The quantiles move by steps in proportion to the mean (Robbins-Monro), so that no times need to be kept.
    """
    n = times.n + 1
    if times.n == 0:
        return Times(1, elapsed_s, elapsed_s, elapsed_s)
    mean = times.mean_s + (elapsed_s - times.mean_s) / n
    step = max(1.0 / n, SMALLEST_STEP) * mean
    median = _moved(times.median_s, elapsed_s, 0.5, step)
    return times._replace(n=n, mean_s=mean, median_s=median, p90_s=_moved(times.p90_s, elapsed_s, 0.9, step))


def _moved(quantile: float, value: float, share: float, step: float) -> float:
    return max(0.0, quantile + step * (share if value > quantile else share - 1.0) * 2.0)


def idle_after(times: Times, policy: Policy, *, extra_time: bool = False) -> float:
    """Seconds without input after which a student on this item counts as idle (product rules 2, Idle)."""
    board = policy.board
    limit = max(board.idle_least_s, board.idle_times_p90 * times.p90_s)
    return min(limit, board.idle_most_s) * (board.idle_extra_time if extra_time else 1.0)
