# Sourced by ./run and ./test: installs Debian packages when they are missing and this user may, and says so.

install_packages() { # what it is for, packages…
  local purpose=$1 sudo=
  shift
  if [ "$(id -u)" != 0 ]; then
    sudo='sudo -n'
    if ! sudo -n true 2>/dev/null; then
      printf '%s is missing. Install it: sudo apt-get install %s\n' "$purpose" "$*" >&2
      return 1
    fi
  fi
  if ! command -v apt-get >/dev/null; then
    printf '%s is missing, and this is no Debian machine. Install what Debian calls: %s\n' "$purpose" "$*" >&2
    return 1
  fi
  printf 'Installing %s (apt-get install %s)…\n' "$purpose" "$*" >&2
  local log
  log=$(mktemp)
  if ! { $sudo apt-get update -q && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    printf 'Installing %s failed.\n' "$purpose" >&2
    return 1
  fi
  rm -f "$log"
}

# Only its programs are used, never the server that Debian sets up beside them.
install_postgresql() {
  command -v initdb >/dev/null && return
  local initdb
  for initdb in /usr/lib/postgresql/*/bin/initdb "$(pg_config --bindir 2>/dev/null)/initdb"; do
    [ -x "$initdb" ] && return
  done
  install_packages PostgreSQL postgresql
}
