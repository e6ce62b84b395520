#!/usr/bin/env bash
# Installs the Debian packages the tests use on this machine, those that are missing and no others.
# Installing a server must not start it: a service that listens on its default port belongs to nobody here.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# program:package
export PATH="$PATH:/usr/sbin:/sbin:/usr/lib/postgresql/15/bin"
wanted="postgres:postgresql-15 pgbouncer:pgbouncer redis-server:redis-server redis-cli:redis-tools redis-benchmark:redis-tools haproxy:haproxy nft:nftables
debootstrap:debootstrap ip:iproute2 setpriv:util-linux unshare:util-linux nsenter:util-linux flock:util-linux ps:procps
ssh:openssh-client sshd:openssh-server sudo:sudo mkfs.xfs:xfsprogs mkfs.ext4:e2fsprogs losetup:mount node:nodejs npm:npm faketime:faketime"

missing=""
for pair in $wanted; do
    have "${pair%%:*}" || missing="$missing ${pair##*:}"
done
missing="$(printf '%s\n' $missing | sort -u | tr '\n' ' ')"
[ -n "${missing// /}" ] || exit 0

have apt-get || { say "not a Debian machine; not installed: $missing"; exit 1; }
[ "$(id -u)" = 0 ] || { say "needs root to install: $missing"; exit 1; }

policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi

# No cluster of its own: it would take the default port.
case "$missing" in
    *postgresql-15*)
        mkdir -p /etc/postgresql-common/createcluster.d
        echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/statefuldeploy.conf ;;
esac

say "installing$(printf ' %s' $missing)"
export DEBIAN_FRONTEND=noninteractive
retry apt-get -q -o DPkg::Lock::Timeout=300 update > /dev/null
install() { apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@" > /dev/null; }
code=0
if ! retry install $missing; then
    # What cannot be had does not take the others with it.
    for package in $missing; do
        install "$package" || { say "not installed: $package"; code=1; }
    done
fi

# Where systemd runs, an installed service would start at the next boot.
if [ -d /run/systemd/system ]; then
    for package in $missing; do
        case "$package" in
            redis-server | haproxy | pgbouncer) systemctl disable --quiet "$package" || say "$package stays enabled" ;;
            openssh-server) systemctl disable --quiet ssh || say "ssh stays enabled" ;;
        esac
    done
fi
exit "$code"
