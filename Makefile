# Two commands: `make run` (optionally PORT=… ZHIKE_HOME=…) and `make test`. Both install what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test test-long mutation setup setup-test lint bench bench-insight test-spark guide lock clean

run: setup
	exec $(BIN)/zhike up

test: setup-test
	tools/test

test-long: setup-test
	$(BIN)/python -m pytest -q -m long

# Do the tests bite? `make mutation TARGETS="rights masking"`; see docs/security.md
TARGETS ?= rights masking ledger import
mutation: setup-test
	$(BIN)/python tools/mutation.py $(TARGETS) --show

setup: .make/built
setup-test: .make/development .make/built
	tools/install-browser

.make/product: requirements/base.txt pyproject.toml package-lock.json tools/setup
	tools/setup base
.make/development: requirements/dev.txt pyproject.toml package-lock.json tools/setup
	tools/setup dev

# Made of our own sources: the style sheet with what the screens use, the catalogues of messages.
OURS := $(shell find src/zhike/web/templates src/zhike/web/islands src/zhike/web/static/js src/zhike/web/static/css src/zhike/locale -name '*.html' -o -name '*.js' -o -name '*.css' -o -name '*.po')
.make/built: .make/product tools/vendor.py tools/messages.py $(OURS)
	PATH="$$PATH:$(CURDIR)/$(BIN)" $(BIN)/python tools/vendor.py
	$(BIN)/python tools/messages.py
	touch $@

lint: setup-test
	tools/lint

bench: setup-test
	$(BIN)/python -m tests.bench $(ARGS)
bench-insight: setup-test
	$(BIN)/python -m tests.bench.insight
test-spark: setup-test
	$(BIN)/python -m venv .venv-spark
	$(BIN)/uv pip install -q --python .venv-spark --require-hashes -r requirements/spark.txt
	PYTHONPATH=src .venv-spark/bin/python -m pytest tests/insight/test_spark.py -q
guide: setup-test
	$(BIN)/python tools/guide.py

lock:
	$(BIN)/uv pip compile -q --generate-hashes --no-annotate --no-header pyproject.toml -o requirements/base.txt
	$(BIN)/uv pip compile -q --generate-hashes --no-annotate --no-header pyproject.toml --group dev -o requirements/dev.txt
	$(BIN)/uv pip compile -q --generate-hashes --no-annotate --no-header pyproject.toml --group dev --group spark -o requirements/spark.txt

clean:
	rm -rf .venv .make node_modules src/zhike/web/static/vendor
