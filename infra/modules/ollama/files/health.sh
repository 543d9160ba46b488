#!/usr/bin/env bash
# Every minute: does this host serve? A process that died is started again by systemd. This finds the one that hangs,
# and where starting it again does not help it turns the host off, so that the group replaces it.
set -euo pipefail

ollama_answers() {
  curl --fail --silent --show-error --retry 3 --retry-all-errors --max-time 10 \
    http://127.0.0.1:11500/api/version >/dev/null
}

attempts=0
until ollama_answers; do
  if ((++attempts > 10)); then
    echo "Ollama stays dead: this host turns itself off" >&2
    systemctl poweroff
    exit 1
  fi
  echo "Ollama does not answer and is started again" >&2
  systemctl restart ollama.service || true
  sleep 30
done

# The gate serves if it asks for a token, under the name and the certificate that callers check. An alarm tells when
# nobody says so any more.
status="$(curl --silent --show-error --max-time 10 --output /dev/null --write-out '%{http_code}' \
  --cacert /run/ollama-secrets/certificate.pem --resolve "${HOST_NAME}:${PORT}:127.0.0.1" \
  "https://${HOST_NAME}:${PORT}/api/tags")" || true
if [[ $status == 401 ]]; then
  aws cloudwatch put-metric-data --namespace "$METRICS_NAMESPACE" --dimensions "Host=${METRICS_HOST}" \
    --metric-name Serving --value 1
fi
