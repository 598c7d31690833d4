# make run    serve the product at http://127.0.0.1:5000 (PORT); sets up whatever is missing
# make run-phone    the same over https for a phone in the local network, to try the gate with its camera
# make test   set up what the tests need and run all of them (ARGS="-k seats" for some)
# make slowest     print the hundred slowest tests of the last runs (ARGS=--keep: order the next runs by what they took)
# make clock-sweep run the tests that need no browser under other clocks (ARGS="--moment new-year" for one of them)
# make fuzz   20,000 calls of every kind at every route and socket event (CALLS, SEED)
# make bent-files   3,000 real matches bent into odd corners, each read twice (FILES, SEED)
# make lint   the checks that need no database: layout and faults of Python, JavaScript, CSS, templates and SQL
# make format   lay all of them out but SQL, which is laid out by hand (bin/lint-files says why)
# make clean-db   forget the embedded database; the next start makes a new one with the demo season
.PHONY: run run-phone test slowest clock-sweep fuzz bent-files lint format clean-db

VENV := .venv
TEMPLATES := --profile jinja --indent-width 2 templates sandbox/pages

run: $(VENV)/runtime.stamp $(VENV)/paper-fonts.stamp
	@exec $(VENV)/bin/python app.py

run-phone: $(VENV)/runtime.stamp
	@exec $(VENV)/bin/python -m serving.phone $(ARGS)

test: $(VENV)/development.stamp
	@bin/test-tools
	@$(VENV)/bin/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

slowest: $(VENV)/development.stamp
	@$(VENV)/bin/python tests/support/measured.py $(ARGS)

clock-sweep: $(VENV)/development.stamp
	@bin/test-tools
	@bin/clock-sweep $(ARGS)

fuzz: $(VENV)/development.stamp
	@FUZZ_CALLS=$(or $(CALLS),20000) FUZZ_SEED=$(or $(SEED),$$(date +%s)) $(VENV)/bin/python -m pytest -q -s tests/house/test_fuzz.py

bent-files: $(VENV)/development.stamp
	@BENT_FILES=$(or $(FILES),3000) BENT_SEED=$(or $(SEED),$$(date +%s)) $(VENV)/bin/python -m pytest -q -s tests/cricket/test_bent_files.py

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

# Tried once: without a network or the right to install, every start would wait for it.
$(VENV)/paper-fonts.stamp: $(VENV)/runtime.stamp bin/paper-fonts
	@bin/paper-fonts
	@touch $@
