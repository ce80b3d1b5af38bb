##@ The model's page

.PHONY: browser-test screenshots
browser-test: .venv/installed ## Use the model's page in a real, headless Chromium (one is wanted on the PATH: apt-get install chromium)
	@.venv/bin/pytest -q tests/browser $(ARGS)
	@echo "browser-test: all passed"

screenshots: .venv/installed ## Take the documentation's pictures of the page anew, into docs/images
	@SCREENSHOTS=docs/images .venv/bin/pytest -q tests/browser -k picture
