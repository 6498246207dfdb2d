# Stand-ins for what would leave this machine. Each one checks what it is given.

# The packages are installed by check-package.ts: here each name must be one of the workspace's.
npm() {
  if [[ $1 == create ]]; then
    mkdir "$3"
    return
  fi
  if [[ $1 == init || $1 == pkg ]]; then
    command npm "$@" >/dev/null
    return
  fi
  [[ $1 == install ]] || { echo "npm $1 has no stand-in" >&2; return 1; }
  local name
  for name in "${@:2}"; do
    [[ $name == -* ]] || [[ -f $REPOSITORY/packages/${name#@ellipsis-oauth/}/package.json ]] ||
      compgen -G "$REPOSITORY/*/*/node_modules/$name" >/dev/null ||
      { echo "npm install $name: no such package" >&2; return 1; }
  done
}

# A script of this repository's must exist; the tests run them.
pnpm() {
  node -e 'process.exit(process.argv[1] in require(process.env.REPOSITORY + "/package.json").scripts ? 0 : 1)' "$1" ||
    { echo "pnpm $1: no such script" >&2; return 1; }
}

npx() {
  [[ $1 == --yes ]] && shift
  case $1 in
    pnpm@12) pnpm "${@:2}" ;;
    @ellipsis-oauth/cli) ellipsis-oauth "${@:2}" ;;
    @ellipsis-oauth/mock-server | ellipsis-oauth-mock) ellipsis-oauth-mock "${@:2}" ;;
    # The tests of the examples run it.
    next | tsx) npm install "$1" ;;
    *) echo "npx $1 has no stand-in" >&2; return 1 ;;
  esac
}

# A login, and the one of the doctor, needs a terminal, and would ask for a client secret. The browser is that of a user who approves each login.
ellipsis-oauth() {
  if [[ $1 != login && $1 != doctor ]]; then
    command ellipsis-oauth "$@"
    return
  fi
  local line
  set -- "${@/http:\/\/127.0.0.1:4400\/v3/$ELLIPSIS_OAUTH_BASE_URL}"
  local flags="--no-browser --client-authentication none"
  # Its standard input stays open.
  [[ -p $HOME/terminal ]] || mkfifo "$HOME/terminal"
  script --quiet --return --command "ellipsis-oauth ${*@Q} $flags" /dev/null <>"$HOME/terminal" |
    while read -r line; do
      echo "$line"
      if [[ $line =~ http[^[:space:]]+/oauth/authorize[^[:space:]]* ]]; then
        command curl --silent --location --output /dev/null "${BASH_REMATCH[0]}"
      fi
    done
}

# The command stays until it is ended: ready is enough.
ellipsis-oauth-mock() {
  local line
  coproc command ellipsis-oauth-mock "$@" --port 0 2>&1
  while read -r line <&"${COPROC[0]}"; do
    echo "$line"
    [[ $line == *http://* ]] && { kill "$COPROC_PID"; wait "$COPROC_PID" || true; return 0; }
  done
  echo "the mock server did not start" >&2
  return 1
}

# The hosted service, and a mock server on its usual port, are the mock server of this check.
curl() {
  if [[ $* == */barrier/full* ]]; then
    # It responds once two requests wait.
    command curl --silent --output /dev/null --request POST "$ELLIPSIS_OAUTH_BASE_URL/oauth/token" &
    command curl --silent --output /dev/null --request POST "$ELLIPSIS_OAUTH_BASE_URL/oauth/token" &
  fi
  local arguments=("${@/https:\/\/api.ellipsis-drive.com\/v3/$ELLIPSIS_OAUTH_BASE_URL}")
  echo "curl ${*@Q}"
  # Not beside the -f of a block.
  local fail=--fail-with-body
  [[ " $*" == *\ -f* || " $*" == *\ --fail\ * ]] && fail=--fail
  command curl "$fail" --silent --show-error "${arguments[@]/http:\/\/127.0.0.1:4400/${ELLIPSIS_OAUTH_BASE_URL%/v3}}"
}

# Another machine: the same command with another home.
ssh() {
  HOME=$(mktemp -d) "${@:2}"
}

# Another machine with nothing of this one's but what it is given: its command, with another home.
docker() {
  [[ $1 == run ]] || { echo "docker $1 has no stand-in" >&2; return 1; }
  shift
  ellipsis-oauth login --profile docker --client-id your-client-id
  command ellipsis-oauth export --profile docker >"$HOME/refresh-token"
  local environment=()
  while [[ $1 == --* ]]; do
    [[ $1 == --env ]] && environment+=("${2/\/run\/secrets/$HOME}")
    shift 2
  done
  (
    export "${environment[@]/=\/login/=$HOME/login}"
    "${@:2}"
  )
}
