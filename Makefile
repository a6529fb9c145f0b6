# Each target installs what it needs, also in a new clone. Running it again takes a moment.
# PYTHON=python3.13 chooses the interpreter, VENV the folder of the virtual environment.
export VENV ?= .venv
python := $(VENV)/bin/python
biome := node_modules/.bin/biome
address ?= 127.0.0.1:8000
compile = $(python) -m uv pip compile --quiet $(if $(UPGRADE),--upgrade) --generate-hashes --universal \
	--python-version 3.11 --build-constraint build-constraints.txt --no-header

TESTS ?= not rehearsal

.DEFAULT_GOAL := help
.PHONY: help install install-dev run admin test test-sqlite test-postgresql rehearsal bench torture machine lint types check format lock messages

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

install: ## install the Python and npm packages that the site needs
	@bin/install requirements.txt

install-dev: ## install those of tests and checks too
	@bin/install requirements-dev.txt

run: install ## start the site on http://127.0.0.1:8000/ (address=HOST:PORT changes it)
	@DEBUG=1 $(python) manage.py migrate --noinput --verbosity 0
	@echo "To create an account for http://$(address)/admin/, run this in another terminal: make admin"
	@DEBUG=1 $(python) manage.py runserver $(address)

admin: install ## create an account for /admin/
	@DEBUG=1 $(python) manage.py migrate --noinput --verbosity 0
	@DEBUG=1 $(python) manage.py createsuperuser

test: test-sqlite test-postgresql ## run all tests on SQLite, then those without browser and server on PostgreSQL

test-sqlite: machine
	@$(python) -m pytest -m "$(TESTS)"

test-postgresql: install-dev
	@$(python) -m tests.postgresql $(python) -m pytest -m "not browser and not production and not rehearsal"

rehearsal: machine ## build, release and serve as Heroku does, in an empty home directory
	@$(python) -m pytest -m rehearsal

bench: machine ## measure the site, the recogniser and predict, each beside the least that it could take
	@$(python) -m uv pip install --quiet --require-hashes -r benchmarks/requirements.txt
	@$(python) -m benchmarks.bench

torture: machine ## attack the site for five minutes, and count what was lost
	@$(python) -m benchmarks.torture

machine: install-dev # find or install a browser and PostgreSQL
	@$(python) -m tests.machine

lint: install-dev ## check Python, templates, CSS and JavaScript with ruff, djlint and Biome
	@$(python) -m ruff check
	@$(python) -m ruff format --check
	@$(python) -m djlint --quiet --check --lint templates
	@$(biome) check --error-on-warnings

types: install-dev ## check the types with mypy --strict
	@$(python) -m mypy .

check: install-dev ## check for missing migrations, and run Django's deployment checks
	@$(python) manage.py makemigrations --check --dry-run
	@SECRET_KEY="$$($(python) -c 'import secrets; print(secrets.token_urlsafe(50))')" ALLOWED_HOSTS=digits.example \
		$(python) manage.py check --deploy --fail-level WARNING

format: install-dev ## format the code, and fix what can be fixed safely
	@$(python) -m ruff check --fix
	@$(python) -m ruff format
	@$(python) -m djlint --quiet --reformat templates
	@$(biome) check --write

lock: install-dev ## write requirements*.txt and package-lock.json (UPGRADE=1: newest versions)
	@$(compile) requirements.in -o requirements.txt
	@$(compile) requirements-dev.in -c requirements.txt -o requirements-dev.txt
	@$(compile) benchmarks/requirements.in -c requirements-dev.txt -o benchmarks/requirements.txt
	@npm $(if $(UPGRADE),update,install) --package-lock-only --silent
	@npm $(if $(UPGRADE),update,install) --package-lock-only --silent --prefix benchmarks

messages: install-dev ## collect and compile the texts to translate in locale/ (needs gettext)
	@$(python) manage.py makemessages --all --no-obsolete --no-wrap --add-location file --ignore ".venv*" --ignore node_modules
	@$(python) manage.py compilemessages --ignore ".venv*"
