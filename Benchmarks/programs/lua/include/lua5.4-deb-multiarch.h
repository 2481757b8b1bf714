// Debian's build writes this one for its own machine.
#define DEB_HOST_MULTIARCH "wasm32-wasi"
