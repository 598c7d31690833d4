# make run    serve the product at http://127.0.0.1:5000 (PORT); sets up whatever is missing
# make run-phone    the same over https for a phone in the local network, to try the gate with its camera
# make test   set up what the tests need and run all of them (ARGS="-k seats" for some)
# make lint   the checks that need no database: layout and faults of Python, JavaScript, CSS, templates and SQL
# make format   lay all of them out but SQL, which is laid out by hand (bin/lint-files says why)
# make clean-db   forget the embedded database; the next start makes a new one with the demo season
.PHONY: run run-phone test lint format clean-db

VENV := .venv
TEMPLATES := --profile jinja --indent-width 2 templates sandbox/pages

run: $(VENV)/runtime.stamp
	@exec $(VENV)/bin/python app.py

run-phone: $(VENV)/runtime.stamp
	@exec $(VENV)/bin/python -m serving.phone $(ARGS)

test: $(VENV)/development.stamp
	@bin/test-tools
	@$(VENV)/bin/python -m pytest -n 2 --dist loadfile $(ARGS)

lint: $(VENV)/development.stamp
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/pyrefly check --summary=none
	@$(VENV)/bin/oxfmt --check .
	@$(VENV)/bin/oxlint .
	@$(VENV)/bin/djangofmt $(TEMPLATES) --check
	@$(VENV)/bin/djangofmt check --profile jinja templates sandbox/pages
	@$(VENV)/bin/python bin/lint-files

format: $(VENV)/development.stamp
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .
	@$(VENV)/bin/oxlint --fix .
	@$(VENV)/bin/oxfmt .
	@$(VENV)/bin/djangofmt $(TEMPLATES)

clean-db: $(VENV)/runtime.stamp
	@$(VENV)/bin/python -m embedded.postgres --remove

$(VENV)/runtime.stamp: requirements.txt bin/setup
	@bin/setup requirements.txt runtime

$(VENV)/development.stamp: requirements.txt requirements-dev.txt bin/setup
	@bin/setup requirements-dev.txt development
