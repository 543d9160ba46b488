# Every command of OpenClaw on Lambda; `make help` lists them.
SHELL := bash
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check
CLOUD := $(VENV)/bin/python tools/local/cloud.py
REQUIREMENTS := tools/local/requirements.txt tools/local/requirements-nodeps.txt

# The configuration directory of `make run` and `make up`, from the command line alone.
export CONFIG :=

.PHONY: firewall help run up down token deploy-local preflight smoke test test-long bench package

help: ## List the commands
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

run: ## Start the local cloud, the model and every function, and ask once; Ctrl-C stops them; CONFIG=DIR for your own openclaw.yaml
	@tools/local/start.sh run

up: ## The same in the background; prints BASE_URL, AWS_ENDPOINT_URL, STREAM_URL and WS_URL; CONFIG=DIR as above
	@tools/local/start.sh up

down: ## Stop what `make up` started
	@if [ -x $(VENV)/bin/python ]; then $(CLOUD) down; fi

token: $(VENV)/.installed ## Print an access token: AS=alice (default), admin, bob, mallory or client; USE=id for an id token
	@$(CLOUD) token

deploy-local: $(VENV)/.installed $(VENV)/.installed-tests ## Apply the Terraform to a local cloud, test it there and destroy it; KEEP=1 leaves it
	@KEEP=$(KEEP) $(CLOUD) deploy

preflight: $(VENV)/.installed ## Check what an AWS account has before the first apply: quotas, zones, roles, model access; BUNDLE=FILE names the models
	@$(VENV)/bin/python tools/aws/preflight.py

smoke: $(VENV)/.installed ## Ask every part of a deployment once: TOKEN=… is an access token; INFRA=DIR or BASE_URL=… names the deployment
	@$(VENV)/bin/python tools/aws/smoke.py

test: $(VENV)/.installed $(VENV)/.installed-tests $(VENV)/checkov/.installed $(VENV)/schemathesis/.installed $(VENV)/firewall/.installed ## Everything a change must pass: format, lints, licences, Terraform, unit, integration, end to end
	@tests/run.sh

test-long: $(VENV)/.installed ## Run each example of examples/agents on a local cloud with the real small model: ARGS=support runs that one alone
	@tests/run_long.sh $(ARGS)

firewall: $(VENV)/firewall/.installed ## Play AgentDojo's attacks against the policies with a model that follows them, and print what they reach
	@cargo test -q --locked --workspace --test firewall -- --ignored --nocapture

bench: $(VENV)/.installed ## Measure each figure beside its floor and print the ratios
	@VENV=$(VENV) tests/bench/run.sh $(ARGS)

package: $(VENV)/.installed $(VENV)/.installed-package ## Build the release zips: ARCH=arm64 (default) or x86_64; CONFIG=DIR adds the bundle of that configuration
	@ARCH=$(ARCH) tools/package.sh

# Standard output belongs to the commands' results, so pip writes to standard error.
$(VENV)/.installed: $(REQUIREMENTS)
	@echo "Installing the local cloud into $(VENV)/ (once)" >&2
	@python3 -m venv $(VENV) >&2
	@$(PIP) install --no-compile -r tools/local/requirements.txt >&2
	@$(PIP) install --no-compile --no-deps -r tools/local/requirements-nodeps.txt >&2
	@touch $@

$(VENV)/.installed-tests: tests/requirements.txt $(VENV)/.installed
	@echo "Installing what the tests need into $(VENV)/ (once)" >&2
	@$(PIP) install --no-compile -r $< >&2
	@touch $@

$(VENV)/.installed-package: tools/local/requirements-package.txt $(VENV)/.installed
	@echo "Installing what packaging needs into $(VENV)/ (once)" >&2
	@$(PIP) install --no-compile -r $< >&2
	@touch $@

$(VENV)/checkov/.installed: tests/requirements-checkov.txt
	@echo "Installing checkov into $(VENV)/checkov/ (once)" >&2
	@python3 -m venv $(VENV)/checkov >&2
	@$(VENV)/checkov/bin/python -m pip --disable-pip-version-check install --no-compile -r $< >&2
	@touch $@

$(VENV)/schemathesis/.installed: tests/requirements-schemathesis.txt
	@echo "Installing schemathesis into $(VENV)/schemathesis/ (once)" >&2
	@python3 -m venv $(VENV)/schemathesis >&2
	@$(VENV)/schemathesis/bin/python -m pip --disable-pip-version-check install --no-compile -r $< >&2
	@touch $@

$(VENV)/firewall/.installed: tests/firewall/requirements.txt tests/firewall/requirements-agentdojo.txt
	@echo "Installing AgentDojo into $(VENV)/firewall/ (once)" >&2
	@python3 -m venv $(VENV)/firewall >&2
	@$(VENV)/firewall/bin/python -m pip --disable-pip-version-check install --no-compile -r tests/firewall/requirements-agentdojo.txt >&2
	@$(VENV)/firewall/bin/python -m pip --disable-pip-version-check install --no-compile --no-deps -r $< >&2
	@touch $@
