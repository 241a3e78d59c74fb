#!/bin/sh
# Node raises its soft limit of open files to the hard one before any JavaScript runs; the door gives the container back
# what the caller had. Node also obeys its environment, which a container runtime must not.
TSRUN_NOFILE=$(ulimit -Sn)
# Under which name: the default state root follows it.
TSRUN_PROGRAM=${0##*/}
export TSRUN_NOFILE TSRUN_PROGRAM
unset NODE_OPTIONS NODE_PATH NODE_DEBUG NODE_DEBUG_NATIVE NODE_V8_COVERAGE NODE_EXTRA_CA_CERTS NODE_ICU_DATA \
  NODE_REDIRECT_WARNINGS NODE_PENDING_DEPRECATION NODE_PRESERVE_SYMLINKS NODE_PRESERVE_SYMLINKS_MAIN \
  NODE_COMPILE_CACHE NODE_REPL_EXTERNAL_MODULE OPENSSL_CONF SSL_CERT_FILE SSL_CERT_DIR
here=$(readlink -f -- "$0")
# No worker threads for the compiler: they start slower than a verb ends.
exec node --v8-pool-size=0 "${here%/*}/main.js" "$@"
