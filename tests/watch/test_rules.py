"""Prometheus itself reads what deploy/prometheus gives it, and the alerts go off when they must."""

from tests.watch.prometheus import FILES, promtool


def test_the_configuration_is_one() -> None:
    """The scrape configuration and the rules in it are read without fault."""
    said = promtool("check", "config", "@/prometheus.yml")
    rules = (FILES / "alerts.yml").read_text(encoding="utf-8").count("- alert: ")
    assert f"SUCCESS: {rules} rules found" in said


def test_the_alerts() -> None:
    """Every case of alerts_test.yml: what wakes somebody, when, and what does not."""
    assert "SUCCESS" in promtool("test", "rules", "@/alerts_test.yml")
