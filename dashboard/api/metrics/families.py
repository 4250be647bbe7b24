"""Metric families in the few shapes that are used here."""

from collections.abc import Iterable, Mapping

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

PREFIX = "slotgate"


def gauge(name: str, help_: str, value: float | bool, unit: str = "") -> Metric:
    """One number of now; `unit`, where there is one, ends the name."""
    return GaugeMetricFamily(f"{PREFIX}_{name}", help_, value=float(value), unit=unit)


def gauges(name: str, help_: str, label: str, values: Mapping[str, float]) -> Metric:
    """A number for each value of `label`."""
    family = GaugeMetricFamily(f"{PREFIX}_{name}", help_, labels=[label])
    for word, value in values.items():
        family.add_metric([word], float(value))
    return family


def one_hot(name: str, help_: str, label: str, words: Iterable[str], now: str | None) -> Metric:
    """1 for the word that is true now, 0 for the others."""
    return gauges(name, help_, label, {word: float(word == now) for word in words})


def counter(
    name: str, help_: str, values: Mapping[tuple[str, ...], float], labels: tuple[str, ...] = ()
) -> Metric:
    """What only grows; `_total` is added to the name."""
    family = CounterMetricFamily(f"{PREFIX}_{name}", help_, labels=labels)
    for words, value in values.items():
        family.add_metric(words, value)
    return family
