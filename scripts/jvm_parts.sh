#!/bin/sh
# Bring what `make test-jvm` and `make try-trino` run into .cache/jvm; nothing is done twice.
# Usage: scripts/jvm_parts.sh spark|trino
set -eu
cd "$(dirname "$0")/.."
parts=.cache/jvm
mkdir -p "$parts"

packages() { # packages PROGRAM PACKAGE...: Debian packages that bring a program
    program=$1
    shift
    command -v "$program" > /dev/null && return
    [ "$(id -u)" = 0 ] || { echo "$program is missing: apt-get install $*" >&2; exit 2; }
    apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@" > /dev/null
}

copy() { # copy FOLDER ARTIFACT FILE SHA256: a file of Maven Central, by the settings of this machine's Maven
    mkdir -p "$1"
    mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy -Dartifact="$2" -DoutputDirectory="$1"
    echo "$4  $1/$3" | sha256sum --check --quiet -
}

environment() { # environment FOLDER LOCK: a Python environment of its own
    .boot/bin/uv venv --quiet --clear --python .venv/bin/python "$1"
    .boot/bin/uv pip install --quiet --require-hashes --python "$1/bin/python" -r "$2"
}

packages mvn maven
case ${1:-} in
    spark)
        [ -e "$parts/spark.made" ] && exit
        packages java openjdk-17-jre-headless
        echo 'getting Apache Spark and Delta into .cache/jvm'
        environment "$parts/spark" requirements-jvm.lock
        copy "$parts/jars" io.delta:delta-spark_4.2_2.13:4.4.0 delta-spark_4.2_2.13-4.4.0.jar 27d4fd8b1f879535c573ed1c718177d6a27f24d3e626ba02e216369725721ead
        copy "$parts/jars" io.delta:delta-storage:4.4.0 delta-storage-4.4.0.jar c46735481fa8e326b0957be02b4420cbcab4b325bb08009b7f2045a95133f1cc
        touch "$parts/spark.made"
        ;;
    trino)
        [ -e "$parts/trino.made" ] && exit
        echo 'getting Trino (800 MB) and a Java it runs on into .cache/jvm'
        environment "$parts/java" requirements-java.lock
        copy "$parts" io.trino:trino-server:476:tar.gz trino-server-476.tar.gz cfd5accde17e8ebd251eeeb78aed1f490e77bb3a164d95a0f454bf8a7c1cbd3f
        tar -xzf "$parts/trino-server-476.tar.gz" -C "$parts"
        rm "$parts/trino-server-476.tar.gz"
        touch "$parts/trino.made"
        ;;
    *)
        echo 'usage: scripts/jvm_parts.sh spark|trino' >&2
        exit 2
        ;;
esac
