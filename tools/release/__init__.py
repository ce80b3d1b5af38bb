"""Makes a release: one version everywhere, artefacts, signatures, and the proof that a registry gives them back."""
