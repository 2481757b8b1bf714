// Offsets that assembly needs; entry.c asserts each against its struct, a test those of contexts against ContextLayout.
#pragma once

// struct wpgo_store
#define STORE_HOST_SP 0
#define STORE_WASM_SP 8
#define STORE_WASM_FP 16
#define STORE_TRAP_CODE 24
#define STORE_TRAP_LOCATION 32
#define STORE_TRAP_PC 40
#define STORE_TRAP_FP 48
#define STORE_TRAP_CONTEXT 56
#define STORE_INTERRUPT 96

// struct wpgo_interrupt
#define INTERRUPT_REQUESTED 0

// struct wpgo_registers
#define REGISTERS_INTEGER 0
#define REGISTERS_VECTOR 48
#define REGISTERS_SIZE 176

// struct wpgo_host_context, and every context
#define CONTEXT_STORE 0
#define HOST_HANDLER 8

// TrapCode
#define TRAP_HOST_ERROR 11
#define TRAP_INTERRUPTED 12
