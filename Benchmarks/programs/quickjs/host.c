// host SCRIPT [ARGUMENT...]: runs a script, then the jobs that it left behind. It finds the arguments in `scriptArgs`, and `print`.
#include <quickjs.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static JSValue print(JSContext *context, JSValueConst receiver, int count, JSValueConst *arguments) {
  (void)receiver;
  for (int i = 0; i < count; ++i) {
    const char *text = JS_ToCString(context, arguments[i]);
    if (!text) return JS_EXCEPTION;
    printf("%s%s", i ? " " : "", text);
    JS_FreeCString(context, text);
  }
  putchar('\n');
  return JS_UNDEFINED;
}

static char *contents(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END) != 0) {
    perror(path);
    exit(1);
  }
  *size = (size_t)ftell(file);
  rewind(file);
  char *text = calloc(*size + 1, 1);
  if (!text || fread(text, 1, *size, file) != *size) {
    perror(path);
    exit(1);
  }
  fclose(file);
  return text;
}

static void check(JSContext *context, bool failed) {
  if (!failed) return;
  JSValue exception = JS_GetException(context);
  const char *text = JS_ToCString(context, exception);
  fprintf(stderr, "host: %s\n", text ? text : "exception");
  exit(1);
}

int main(int count, char **arguments) {
  if (count < 2) {
    fprintf(stderr, "usage: host SCRIPT [ARGUMENT...]\n");
    return 64;
  }
  JSRuntime *runtime = JS_NewRuntime();
  JSContext *context = JS_NewContext(runtime);
  JSValue global = JS_GetGlobalObject(context), list = JS_NewArray(context);
  for (int i = 2; i < count; ++i) JS_SetPropertyUint32(context, list, (uint32_t)(i - 2), JS_NewString(context, arguments[i]));
  JS_SetPropertyStr(context, global, "scriptArgs", list);
  JS_SetPropertyStr(context, global, "print", JS_NewCFunction(context, print, "print", 1));
  JS_FreeValue(context, global);
  size_t size;
  char *text = contents(arguments[1], &size);
  JSValue result = JS_Eval(context, text, size, arguments[1], JS_EVAL_TYPE_GLOBAL);
  check(context, JS_IsException(result));
  JS_FreeValue(context, result);
  free(text);
  JSContext *pending;
  int status;
  while ((status = JS_ExecutePendingJob(runtime, &pending)) > 0) {}
  if (status < 0) check(pending, true);
  JS_FreeContext(context);
  JS_FreeRuntime(runtime);
  return 0;
}
