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
#define STORE_THROWN 232

// struct wpgo_interrupt
#define INTERRUPT_REQUESTED 0

// struct wpgo_registers
#define REGISTERS_INTEGER 0
#define REGISTERS_VECTOR 48
#define REGISTERS_SIZE 176

// struct wpgo_host_context, and every context
#define CONTEXT_STORE 0
#define HOST_HANDLER 8

// struct wpgo_frame (unwind.c)
#define FRAME_RBX 0
#define FRAME_RBP 8
#define FRAME_R12 16
#define FRAME_R13 24
#define FRAME_R14 32
#define FRAME_R15 40
#define FRAME_RSP 48
#define FRAME_PC 56
#define FRAME_SIZE 64

// enum of store.h
#define HOST_THROWS 256
// wpgo_status
#define STATUS_THREW 5

// TrapCode
#define TRAP_NULL_EXCEPTION 17
#define TRAP_EXCEPTIONS_EXHAUSTED 18
#define TRAP_HOST_ERROR 11
#define TRAP_INTERRUPTED 12
