"""The rule of retention as both processes have it from the settings (AC-21)."""

from appliance.access.retention import RetentionRule
from appliance.config import UnitSettings


def retention_rule(settings: UnitSettings) -> RetentionRule:
    """For how long door records name people, and for how long they are kept."""
    kept = settings.records
    return RetentionRule(kept.identifiable_days, kept.kept_days, held=kept.legal_hold)
