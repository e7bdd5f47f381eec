#!/bin/sh
# Installs Debian packages as root, or prints the command that somebody who may should run.
set -eu
if [ "$(id -u)" = 0 ]; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@" >/dev/null
else
    echo "This needs root. Please run:  sudo apt-get update && sudo apt-get install -y $*" >&2
    exit 1
fi
