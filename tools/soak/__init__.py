"""Load for a long time, to see that nothing grows."""
