#!/usr/bin/env bash
# Runs the host's scripts with stand-ins for what they call: the refresh with a Secrets Manager made of files, and nginx, if
# there is one, with the result. systemd, if there is one, verifies the units.
# Needs bash, openssl and curl. NGINX_BIN sets another nginx.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
root="$(mktemp --directory)"
nginx_pid=
ollama_pid=
stop() {
  [[ -z $nginx_pid ]] || kill "$nginx_pid"
  [[ -z $ollama_pid ]] || kill "$ollama_pid"
  rm -rf "$root"
}
trap stop EXIT
mkdir "$root/bin" "$root/run" "$root/secrets"

passed=0
check() { # name, command…
  if "${@:2}" >"$root/output" 2>&1; then
    passed=$((passed + 1))
  else
    echo "FAILED: $1" >&2
    cat "$root/output" >&2
    exit 1
  fi
}

# Stand-ins for the AWS command, the metadata, systemd and the gate's group.
cat >"$root/bin/aws" <<'STUB'
#!/usr/bin/env bash
echo "$*" >>"$ROOT/calls"
case "$1 $2" in
"secretsmanager get-secret-value")
  [[ ! -e $ROOT/denied ]] || { echo "AccessDeniedException" >&2; exit 254; }
  cat "$ROOT/secrets/$4" 2>/dev/null || { echo "ResourceNotFoundException: no AWSCURRENT" >&2; exit 254; } ;;
"secretsmanager put-secret-value") cp "${6#file://}" "$ROOT/secrets/$4" ;;
"ssm put-parameter") [[ "$*" =~ file://([^ ]+) ]] && cp "${BASH_REMATCH[1]}" "$ROOT/published.pem" ;;
esac
STUB
cat >"$root/bin/curl" <<'STUB'
#!/usr/bin/env bash
echo 10.0.1.7
STUB
cat >"$root/bin/systemctl" <<'STUB'
#!/usr/bin/env bash
echo "systemctl $*" >>"$ROOT/calls"
STUB
cat >"$root/bin/install" <<'STUB'
#!/usr/bin/env bash
mkdir -p "${@: -1}"
STUB
printf '#!/bin/sh\n' >"$root/bin/chgrp"
chmod +x "$root/bin/"*

sed "s|/run/|$root/run/|g" "$here/files/refresh.sh" >"$root/refresh.sh"
refresh() {
  : >"$root/calls"
  ROOT="$root" PATH="$root/bin:$PATH" HOST_NAME=ollama.openclaw-test.internal ZONE_ID=Z1 TOKEN_SECRET=token \
    AUTHORITY_SECRET=authority AUTHORITY_PARAMETER=/openclaw-test/ollama/ca bash "$root/refresh.sh"
}
refuses() { ! "$@"; }
called() { grep --quiet --fixed-strings -- "$1" "$root/calls"; }
place="$root/run/ollama-secrets"

check "without a token nothing is served" refuses refresh
check "and the gate is left alone" refuses called "systemctl reload-or-restart"
check "the name is registered" called "route53 change-resource-record-sets"

echo 'Bad"; }' >"$root/secrets/token"
check "a token that nginx would read as more than a token is refused" refuses refresh

echo "0123456789abcdefABCDEF0123456789_-" >"$root/secrets/token"
check "with a token it serves" refresh
check "the gate is started" called "systemctl reload-or-restart ollama-gate.service"
check "the certificate is the authority's, for this name" \
  openssl verify -CAfile "$root/published.pem" -verify_hostname ollama.openclaw-test.internal "$place/certificate.pem"
check "the authority's key is not published" refuses grep --quiet PRIVATE "$root/published.pem"
check "keys are for the gate's group at most" test "$(stat --format %a "$place/key.pem")" = 640
check "nothing is left behind" test -z "$(find "$root/run" -name 'ollama-refresh.*')"

cp "$root/published.pem" "$root/first.pem"
check "a second time" refresh
check "nothing changes" refuses called "systemctl reload-or-restart"

rm -r "$place"
check "a host that replaces the first" refresh
check "keeps the authority" cmp "$root/first.pem" "$root/published.pem"

rm -r "$place"
touch "$root/denied"
check "a secret that cannot be read" refuses refresh
check "does not make a second authority" refuses called "put-secret-value"
rm "$root/denied"
check "and is read later" refresh

# Even with the authority's key no certificate for another name is valid.
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj /CN=x -keyout "$root/x.key" -out "$root/x.csr" 2>/dev/null
openssl x509 -req -in "$root/x.csr" -CA "$root/secrets/authority" -CAkey "$root/secrets/authority" -days 1 \
  -extfile <(echo "subjectAltName = DNS:cognito-idp.eu-central-1.amazonaws.com") -out "$root/x.pem" 2>/dev/null
check "the authority vouches for no other name" refuses openssl verify -CAfile "$root/published.pem" "$root/x.pem"

# ---- The installation, which is retried until it succeeds

mkdir "$root/install"
# A stand-in records its call, and fails if there is a file of its name.
for command in dnf curl sha256sum tar useradd systemctl agent; do
  cat >"$root/install/$command" <<STUB
#!/usr/bin/env bash
echo "$command \$*" >>"\$ROOT/calls"
[[ ! -e \$ROOT/fails/$command ]]
STUB
done
# shellcheck disable=SC2016 # the stand-in's variables
printf '#!/bin/sh\n[ -e "$ROOT/account" ]\n' >"$root/install/id"
chmod +x "$root/install/"*
mkdir "$root/fails"
printf 'OLLAMA_VERSION=1.2.3\nOLLAMA_ARCHITECTURE=amd64\nOLLAMA_SHA256=aaaa\n' >"$root/host.env"
sed -e "s|/etc/openclaw/host.env|$root/host.env|; s|/var/lib/openclaw|$root/state|; s|/opt/aws/.*-ctl |agent |" \
  "$here/files/install.sh" >"$root/install.sh"
installs() {
  : >"$root/calls"
  ROOT="$root" PATH="$root/install:$PATH" bash "$root/install.sh"
}
installed="$root/state/installed"

touch "$root/fails/curl"
check "an archive that cannot be downloaded fails the installation" refuses installs
check "which is not done" test ! -e "$installed"
check "and starts nothing" refuses called systemctl
rm "$root/fails/curl"
touch "$root/fails/sha256sum"
check "an archive with another sum fails it" refuses installs
check "and is not opened" refuses called "tar --extract"
rm "$root/fails/sha256sum"
check "the next attempt succeeds" installs
check "it is done" test -e "$installed"
check "Ollama is started" called "systemctl enable --now ollama-gpu.service ollama.service"
check "so are the timers" called "systemctl enable --now ollama-refresh.timer ollama-health.timer"
rm "$installed"
touch "$root/account" "$root/fails/useradd" "$root/fails/agent"
check "the account may be there already, and metrics may be missing" installs
check "the agent was asked to start" called "agent -a fetch-config"

# ---- Health

cat >"$root/install/curl" <<'STUB'
#!/usr/bin/env bash
if [[ "$*" == *127.0.0.1:11500/api/version* ]]; then
  [[ -e $ROOT/alive ]]
else
  cat "$ROOT/door" 2>/dev/null
fi
STUB
# shellcheck disable=SC2016 # the stand-in's variables
printf '#!/bin/sh\necho "aws $*" >>"$ROOT/calls"\n' >"$root/install/aws"
printf '#!/bin/sh\n' >"$root/install/sleep"
chmod +x "$root/install/"*
health() {
  : >"$root/calls"
  ROOT="$root" PATH="$root/install:$PATH" HOST_NAME=ollama.openclaw-test.internal PORT=11434 \
    METRICS_NAMESPACE=OpenClaw/Ollama METRICS_HOST=openclaw-test-ollama bash "$here/files/health.sh"
}

touch "$root/alive"
check "without a gate the host is healthy" health
check "but does not serve" refuses called put-metric-data
printf 401 >"$root/door"
check "with its gate" health
check "it serves" called "aws cloudwatch put-metric-data --namespace OpenClaw/Ollama --dimensions Host=openclaw-test-ollama --metric-name Serving --value 1"
check "and nothing is restarted" refuses called systemctl
rm "$root/alive"
check "an Ollama that does not recover is reported" refuses health
check "it was restarted ten times" test "$(grep --count "systemctl restart ollama.service" "$root/calls")" = 10
check "the host is shut down" called "systemctl poweroff"
check "and does not serve" refuses called put-metric-data
touch "$root/fails/systemctl"
check "a failed restart" refuses health
check "does not keep the host running" called "systemctl poweroff"

# ---- The units

if command -v systemd-analyze >/dev/null; then
  mkdir "$root/units"
  for unit in "$here"/files/*.service "$here"/files/*.timer; do
    # The programs exist on the host only.
    sed -E 's#^(ExecStart|ExecReload)=[^ ]+#\1=/bin/true#' "$unit" >"$root/units/$(basename "$unit")"
  done
  # systemd only warns about an unknown setting, and succeeds.
  check "systemd understands every unit" test -z "$(systemd-analyze verify --man=no "$root/units/"* 2>&1)"
fi

# ---- The gate

nginx="${NGINX_BIN:-$(command -v nginx || true)}"
if [[ -n $nginx ]]; then
  # shellcheck disable=SC2016 # the template's variables
  sed -e "s|/run/|$root/run/|g" -e 's/\${port}/11439/; s/\[::\]:\${port}/[::]:11439/; s/\${host_name}/ollama.openclaw-test.internal/' \
    -e 's/11500/11599/' "$here/files/nginx.conf.tftpl" >"$root/nginx.conf"
  mkdir "$root/run/ollama-gate"
  chmod -R a+rX "$root"
  chmod a+rw "$root/run/ollama-gate"
  (cd "$root/bin" && exec python3 -m http.server --bind 127.0.0.1 11599 >/dev/null 2>&1) &
  ollama_pid=$!
  "$nginx" -c "$root/nginx.conf" -e "$root/nginx.log" -g "daemon off;" &
  nginx_pid=$!
  sleep 1
  status() { # expected status, arguments of curl…
    [[ $(curl --silent --output /dev/null --write-out '%{http_code}' --cacert "$root/published.pem" \
      --resolve ollama.openclaw-test.internal:11439:127.0.0.1 "${@:2}") == "$1" ]]
  }
  url=https://ollama.openclaw-test.internal:11439
  token="Authorization: Bearer 0123456789abcdefABCDEF0123456789_-"
  check "without a token" status 401 "$url/api/tags"
  check "with another token" status 401 -H "${token}x" "$url/api/tags"
  check "with the token in other letters" status 401 -H "${token/ABCDEF/abcdef}" "$url/api/tags"
  check "with the token it reaches Ollama" status 404 -H "$token" "$url/api/tags"
  check "which answered itself" grep --quiet "Error response" <(curl --silent --cacert "$root/published.pem" \
    --resolve ollama.openclaw-test.internal:11439:127.0.0.1 -H "$token" "$url/api/tags")
  check "by its method only" status 403 -X DELETE -H "$token" "$url/api/tags"
  check "and not to what changes models" status 404 -H "$token" -X POST "$url/api/pull"
  check "no TLS 1.2" refuses status 401 --tls-max 1.2 "$url/api/tags"
  check "no plain HTTP" status 400 "${url/https/http}/api/tags"
fi

echo "$passed passed, 0 failed"
