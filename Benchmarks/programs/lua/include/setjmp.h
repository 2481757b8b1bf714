// Empty: errors abort, see build.sh.
