#pragma once
#include "calls.h"
#include "cpu.h"
#include "deopt.h"
#include "force.h"
#include "mapping.h"
#include "signals.h"
#include "store.h"
