#pragma once
#define sqrt __builtin_sqrt
