#pragma once
#include "cpu.h"
#include "deopt.h"
