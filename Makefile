# make run   set up, make the demo, serve on http://127.0.0.1:2020   (PORT=…, ARGS=--new-keys)
# make test  run the tests that need neither network nor services
# make lock  compile requirements*.in into requirements*.txt

PYTHON ?= python3
BIN = .venv/bin
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

.PHONY: run test lock

run: .venv/run
	$(BIN)/python manage.py quickstart $(ARGS)

test: .venv/dev
	$(BIN)/python -m pytest -n auto $(ARGS)

lock: .venv/dev
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) requirements-dev.in -o requirements-dev.txt

.venv/run: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

.venv/dev: .venv/run requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@
