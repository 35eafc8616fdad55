#!/usr/bin/env bash
# Starts a throw-away PostgreSQL (user postgres, no password) and Redis on 127.0.0.1, each only where none answers yet.
# Both live in a folder under /tmp, keep nothing across a reboot, and are for tests only. `services.sh stop` ends them.
set -euo pipefail

PGPORT=${PGPORT:-5432}
REDISPORT=${REDISPORT:-6379}
HERE=/tmp/placet-services-$(id -u)-$PGPORT-$REDISPORT

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# PostgreSQL refuses to run as root.
as_nobody() { if [ "$(id -u)" = 0 ]; then runuser -u nobody -- "$@"; else "$@"; fi; }

# Debian keeps initdb and pg_ctl off the PATH; the newest version there is will do.
pg() {
    local name=$1 dir
    for dir in $(ls -d /usr/lib/postgresql/*/bin /usr/lib/postgresql*/bin 2>/dev/null | sort -rV) $(tr : ' ' <<<"$PATH"); do
        [ -x "$dir/$name" ] && echo "$dir/$name" && return
    done
    return 1
}

start_postgres() {
    answers "$PGPORT" && echo "PostgreSQL answers on 127.0.0.1:$PGPORT already." && return
    local initdb pg_ctl
    initdb=$(pg initdb) && pg_ctl=$(pg pg_ctl) || { echo "PostgreSQL is not installed (Debian: apt-get install postgresql)." >&2; return 1; }
    [ -d "$HERE/postgres/base" ] || as_nobody "$initdb" -D "$HERE/postgres" -U postgres -A trust --encoding UTF8 --locale C.UTF-8 >"$HERE/initdb.log"
    # No fsync: what these databases hold is worth nothing after the run.
    as_nobody "$pg_ctl" -D "$HERE/postgres" -l "$HERE/postgres/log" -w start \
        -o "-p $PGPORT -k $HERE/postgres -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200" >/dev/null
    echo "PostgreSQL started on 127.0.0.1:$PGPORT, data in $HERE/postgres."
}

start_redis() {
    answers "$REDISPORT" && echo "Redis answers on 127.0.0.1:$REDISPORT already." && return
    command -v redis-server >/dev/null || { echo "Redis is not installed (Debian: apt-get install redis-server)." >&2; return 1; }
    redis-server --port "$REDISPORT" --bind 127.0.0.1 --save '' --appendonly no --dir "$HERE" \
        --pidfile "$HERE/redis.pid" --daemonize yes >/dev/null
    echo "Redis started on 127.0.0.1:$REDISPORT."
}

stop() {
    if [ -f "$HERE/postgres/postmaster.pid" ]; then as_nobody "$(pg pg_ctl)" -D "$HERE/postgres" -m fast stop >/dev/null; fi
    if [ -f "$HERE/redis.pid" ]; then kill "$(cat "$HERE/redis.pid")" || true; fi
    rm -rf "$HERE"
}

if [ "${1:-start}" = stop ]; then stop; exit; fi
if ! answers "$PGPORT" || ! answers "$REDISPORT"; then
    mkdir -p "$HERE/postgres"
    [ -O "$HERE" ] || { echo "$HERE belongs to somebody else." >&2; exit 1; }
    [ "$(id -u)" != 0 ] || chown nobody "$HERE/postgres"
    chmod 700 "$HERE/postgres"
fi
failed=0
start_postgres || failed=1
start_redis || failed=1
exit $failed
