#!/usr/bin/env bash
# Checks every minute whether this host serves. systemd restarts a process that ended; this restarts one that hangs. If that
# does not help, it shuts the host down, so that the group replaces it.
set -euo pipefail

ollama_answers() {
  curl --fail --silent --show-error --retry 3 --retry-all-errors --max-time 10 \
    http://127.0.0.1:11500/api/version >/dev/null
}

attempts=0
until ollama_answers; do
  if ((++attempts > 10)); then
    echo "Ollama does not recover: shutting this host down" >&2
    systemctl poweroff
    exit 1
  fi
  echo "Ollama does not answer: restarting it" >&2
  systemctl restart ollama.service || true
  sleep 30
done

# The gate serves if it asks for a token, under the name and the certificate that callers check. An alarm fires when this
# metric is missing.
status="$(curl --silent --show-error --max-time 10 --output /dev/null --write-out '%{http_code}' \
  --cacert /run/ollama-secrets/certificate.pem --resolve "${HOST_NAME}:${PORT}:127.0.0.1" \
  "https://${HOST_NAME}:${PORT}/api/tags")" || true
if [[ $status == 401 ]]; then
  aws cloudwatch put-metric-data --namespace "$METRICS_NAMESPACE" --dimensions "Host=${METRICS_HOST}" \
    --metric-name Serving --value 1
fi
