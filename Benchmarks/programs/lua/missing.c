// What the standard library of Lua wants and WASI has not.
#include <stdio.h>
#include <stdlib.h>

int system(const char *command) {
  (void)command;
  return -1;
}

FILE *tmpfile(void) { return NULL; }
