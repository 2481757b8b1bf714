// Offsets that assembly needs.
#define STORE_HOST_SP 0
