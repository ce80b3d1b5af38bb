##@ Release

# The number, the public or private registry, and cosign's private key (build/cosign.key, with COSIGN_PASSWORD).
VERSION ?=
KEY ?=
# yes: the tests passed on this commit.
TESTED ?=
# 1: tell the steps, or tag the commit at the end.
DRY_RUN ?=
GIT_TAG ?=
# The image that both images begin with (empty: python:3.13-slim).
BASE_IMAGE ?=
export VERSION KEY TESTED DRY_RUN GIT_TAG BASE_IMAGE

.PHONY: version release release-check release-key sbom
version: ## Write VERSION everywhere, and give the changelog its heading
release: $(HELM) bin/syft bin/cosign $(UV) ## Build, push, sign and verify VERSION (REGISTRY, KEY, TESTED=yes, DRY_RUN=1, GIT_TAG=1)
release-check: $(HELM) bin/cosign ## Install and test the released chart from REGISTRY on the cluster (VERSION, CONTEXT, SET)
release-key: bin/cosign ## Make the pair of keys that releases are signed with (KEY, COSIGN_PASSWORD)
sbom: bin/syft ## Write what the images are made of (CycloneDX) and from (SLSA provenance) into dist/

version release release-check release-key sbom:
	@$(PYTHON) -m tools.release $@
