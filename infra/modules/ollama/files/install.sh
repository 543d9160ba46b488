#!/usr/bin/env bash
# Runs once, at an instance's first boot. If it fails nothing listens: the log is in /var/log/cloud-init-output.log and
# in the instance's console output.
set -euo pipefail

set -a
# shellcheck source=/dev/null
. /etc/openclaw/host.env
set +a

dnf --assumeyes --quiet install nginx amazon-cloudwatch-agent tar zstd

archive="$(mktemp /var/tmp/ollama.XXXXXX)"
trap 'rm -f "$archive"' EXIT
curl --fail --silent --show-error --location --retry 5 --proto '=https' --proto-redir '=https' --tlsv1.2 \
  --output "$archive" \
  "https://github.com/ollama/ollama/releases/download/v${OLLAMA_VERSION}/ollama-linux-${OLLAMA_ARCHITECTURE}.tar.zst"
# Nothing of the archive is looked at before this.
echo "${OLLAMA_SHA256}  ${archive}" | sha256sum --check --strict --quiet
tar --extract --zstd --no-same-owner --file "$archive" --directory /usr/local

useradd --system --user-group --no-create-home --shell /sbin/nologin ollama-gate

systemctl daemon-reload
systemctl enable --now ollama-gpu.service ollama.service
systemctl enable --now ollama-refresh.timer ollama-health.timer
systemctl enable ollama-gate.service # the refresh starts it, as soon as there is a token
systemctl enable --now --no-block ollama-models.service

/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl \
  -a fetch-config -m ec2 -s -c file:/etc/openclaw/cloudwatch.json
