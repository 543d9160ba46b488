#!/usr/bin/env bash
# Runs when an instance first boots, until it has succeeded once. Until then nothing listens; the reason is in the journal and
# in the instance's console output.
set -euo pipefail

set -a
# shellcheck source=/dev/null
. /etc/openclaw/host.env
set +a

dnf --assumeyes --quiet install nginx amazon-cloudwatch-agent tar zstd

archive="$(mktemp /var/tmp/ollama.XXXXXX)"
trap 'rm -f "$archive"' EXIT
curl --fail --silent --show-error --location --retry 5 --retry-all-errors --proto '=https' --proto-redir '=https' --tlsv1.2 \
  --output "$archive" \
  "https://github.com/ollama/ollama/releases/download/v${OLLAMA_VERSION}/ollama-linux-${OLLAMA_ARCHITECTURE}.tar.zst"
# Nothing in the archive is read before this.
sha256sum --check --strict --quiet <<<"${OLLAMA_SHA256}  ${archive}"
tar --extract --zstd --no-same-owner --file "$archive" --directory /usr/local

id ollama-gate >/dev/null 2>&1 ||
  useradd --system --user-group --no-create-home --shell /sbin/nologin ollama-gate

systemctl daemon-reload
systemctl enable --now ollama-gpu.service ollama.service
systemctl enable --now ollama-refresh.timer ollama-health.timer
systemctl enable ollama-gate.service # the refresh starts it when there is a token
systemctl enable --now --no-block ollama-models.service

# A host without metrics is better than no host.
/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl \
  -a fetch-config -m ec2 -s -c file:/etc/openclaw/cloudwatch.json || echo "the CloudWatch agent does not start" >&2

mkdir -p /var/lib/openclaw
touch /var/lib/openclaw/installed
