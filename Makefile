# Each target brings what it needs, from a bare clone; the second time that takes a moment.
# PYTHON=python3.13 chooses the interpreter, VENV the folder of the virtual environment.
export VENV ?= .venv
python := $(VENV)/bin/python
biome := node_modules/.bin/biome
address ?= 127.0.0.1:8000
compile = $(python) -m uv pip compile --quiet $(if $(UPGRADE),--upgrade) --generate-hashes --universal \
	--python-version 3.11 --build-constraint build-constraints.txt --no-header

TESTS ?= not rehearsal

.DEFAULT_GOAL := help
.PHONY: help install install-dev run admin test test-sqlite test-postgresql rehearsal machine lint types check format lock messages

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

install: ## the virtual environment and the npm packages that the site needs
	@bin/install requirements.txt

install-dev: ## those that tests and checks need too
	@bin/install requirements-dev.txt

run: install ## the site on http://127.0.0.1:8000/ (address=HOST:PORT for another place)
	@DEBUG=1 $(python) manage.py migrate --noinput --verbosity 0
	@echo "For http://$(address)/admin/, make yourself an account in another terminal: make admin"
	@DEBUG=1 $(python) manage.py runserver $(address)

admin: install ## an account for /admin/
	@DEBUG=1 $(python) manage.py migrate --noinput --verbosity 0
	@DEBUG=1 $(python) manage.py createsuperuser

test: test-sqlite test-postgresql ## all tests: everything on SQLite, then all but browser and server on PostgreSQL

test-sqlite: machine
	@$(python) -m pytest -m "$(TESTS)"

test-postgresql: install-dev
	@$(python) -m tests.postgresql $(python) -m pytest -m "not browser and not production and not rehearsal"

rehearsal: machine ## what Heroku does with this repository, in an empty home directory
	@$(python) -m pytest -m rehearsal

machine: install-dev # a browser and a PostgreSQL
	@$(python) -m tests.machine

lint: install-dev ## ruff for Python, djlint for templates, Biome for CSS and JavaScript
	@$(python) -m ruff check
	@$(python) -m ruff format --check
	@$(python) -m djlint --quiet --check --lint templates
	@$(biome) check --error-on-warnings

types: install-dev ## mypy --strict
	@$(python) -m mypy .

check: install-dev ## migrations complete, and Django's own checks with production settings
	@$(python) manage.py makemigrations --check --dry-run
	@SECRET_KEY="$$($(python) -c 'import secrets; print(secrets.token_urlsafe(50))')" ALLOWED_HOSTS=digits.example \
		$(python) manage.py check --deploy --fail-level WARNING

format: install-dev ## fix what lint reports, where that is safe
	@$(python) -m ruff check --fix
	@$(python) -m ruff format
	@$(python) -m djlint --quiet --reformat templates
	@$(biome) check --write

lock: install-dev ## requirements*.txt and package-lock.json files from requirements*.in and package.json (UPGRADE=1: newest versions)
	@$(compile) requirements.in -o requirements.txt
	@$(compile) requirements-dev.in -c requirements.txt -o requirements-dev.txt
	@npm $(if $(UPGRADE),update,install) --package-lock-only --silent
	@npm $(if $(UPGRADE),update,install) --package-lock-only --silent --prefix benchmarks

messages: install-dev ## locale/: the texts collected from the sources, and compiled (needs gettext)
	@$(python) manage.py makemessages --all --no-obsolete --no-wrap --add-location file --ignore ".venv*" --ignore node_modules
	@$(python) manage.py compilemessages --ignore ".venv*"
