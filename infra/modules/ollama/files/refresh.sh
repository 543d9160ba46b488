#!/usr/bin/env bash
# Writes the host's name, certificate and token, at boot and every minute, so that a rotated token takes effect by itself.
# Without a token the gate does not start.
set -euo pipefail
umask 077

# In memory, so that no key or token reaches the disk or its snapshots.
readonly place=/run/ollama-secrets
install --directory --mode=0750 --group=ollama-gate "$place"
work="$(mktemp --directory /run/ollama-refresh.XXXXXX)"
trap 'rm -rf "$work"' EXIT
changed=no

secret() {
  aws secretsmanager get-secret-value --secret-id "$1" --query SecretString --output text
}

# Moves a finished file to the gate.
hand_over() {
  chgrp ollama-gate "$1"
  chmod 0640 "$1"
  mv "$1" "$place/$2"
  changed=yes
}

register() {
  local session address
  session="$(curl --fail --silent --show-error --max-time 5 --request PUT \
    --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token)"
  address="$(curl --fail --silent --show-error --max-time 5 \
    --header "X-aws-ec2-metadata-token: ${session}" http://169.254.169.254/latest/meta-data/local-ipv4)"
  aws route53 change-resource-record-sets --hosted-zone-id "$ZONE_ID" --change-batch "{\"Changes\":[{
    \"Action\":\"UPSERT\",\"ResourceRecordSet\":{\"Name\":\"${HOST_NAME}\",\"Type\":\"A\",\"TTL\":30,
    \"ResourceRecords\":[{\"Value\":\"${address}\"}]}}]}" >/dev/null
  touch "$place/registered"
}

# The authority outlives the host, so that those who trust it need no new one. It is constrained to this one name.
authority() {
  if secret "$AUTHORITY_SECRET" >"$work/authority.pem" 2>"$work/error"; then
    return
  fi
  # The secret is empty, as it was created. Any other failure must not create a second authority.
  if ! grep --quiet ResourceNotFoundException "$work/error"; then
    cat "$work/error" >&2
    return 1
  fi
  cat >"$work/authority.conf" <<EOF
[req]
distinguished_name = name
x509_extensions = authority
prompt = no
[name]
CN = Authority of ${HOST_NAME}
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign
nameConstraints = critical, permitted;DNS:${HOST_NAME}
subjectKeyIdentifier = hash
EOF
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 3650 \
    -config "$work/authority.conf" -keyout "$work/authority.key" -out "$work/authority.crt" 2>/dev/null
  cat "$work/authority.key" "$work/authority.crt" >"$work/authority.pem"
  aws secretsmanager put-secret-value --secret-id "$AUTHORITY_SECRET" \
    --secret-string "file://$work/authority.pem" >/dev/null
}

certify() {
  authority
  printf '%s\n' "subjectAltName = DNS:${HOST_NAME}" 'basicConstraints = critical, CA:FALSE' \
    'keyUsage = critical, digitalSignature' 'extendedKeyUsage = serverAuth' >"$work/extensions"
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj "/CN=Ollama" \
    -keyout "$work/key.pem" -out "$work/request.pem" 2>/dev/null
  openssl x509 -req -in "$work/request.pem" -CA "$work/authority.pem" -CAkey "$work/authority.pem" -days 90 \
    -extfile "$work/extensions" -out "$work/certificate.pem" 2>/dev/null
  openssl x509 -in "$work/authority.pem" -out "$work/published.pem"
  aws ssm put-parameter --name "$AUTHORITY_PARAMETER" --type String --overwrite \
    --value "file://$work/published.pem" >/dev/null
  hand_over "$work/key.pem" key.pem
  hand_over "$work/certificate.pem" certificate.pem
}

admit() {
  local token
  token="$(secret "$TOKEN_SECRET")"
  # The token becomes part of a pattern, so it must not contain characters with a meaning there.
  if [[ ! $token =~ ^[A-Za-z0-9_-]{32,256}$ ]]; then
    echo "the token must be 32 to 256 characters of A-Z, a-z, 0-9, _ and -" >&2
    return 1
  fi
  # A pattern, because nginx ignores case when it compares the plain strings of a map.
  # shellcheck disable=SC2016 # the variables are nginx's
  printf 'map $http_authorization $admitted {\n  default 0;\n  "~^Bearer %s$" 1;\n}\n' "$token" >"$work/token.conf"
  cmp --silent "$work/token.conf" "$place/token.conf" || hand_over "$work/token.conf" token.conf
}

[[ -e $place/registered ]] || register
openssl x509 -checkend 2592000 -noout -in "$place/certificate.pem" >/dev/null 2>&1 || certify
admit
if [[ $changed == yes ]] || ! systemctl --quiet is-active ollama-gate.service; then
  systemctl reload-or-restart ollama-gate.service
fi
