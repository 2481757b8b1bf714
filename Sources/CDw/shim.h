#pragma once
#include <elfutils/libdw.h>
