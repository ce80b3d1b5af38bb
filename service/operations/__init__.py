"""The platform: probes, metrics, drain and logs."""
