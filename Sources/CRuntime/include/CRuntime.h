#pragma once
#include "calls.h"
#include "cpu.h"
#include "deopt.h"
#include "interrupt.h"
#include "mapping.h"
#include "signals.h"
#include "store.h"
