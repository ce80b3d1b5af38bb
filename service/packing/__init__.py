"""From a fitted estimator or a model file to a bundle that was proven on real rows."""
