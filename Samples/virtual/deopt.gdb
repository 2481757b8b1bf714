# Follows one deopt of virtual.so: see toolchain-docs/deopt-walkthrough.md.
set pagination off
set complaints 0
tbreak wpgo_capture
tbreak wpgo_capture_avx512
run
echo \n# 1. The guard has failed; the capture stub is entered, nothing is saved yet.\n
info registers rsi rdx rcx rax r9 r10 rsp rbp
echo return address:\n
x/i *(long *)$rsp
set $code = *(long *)$rsp - 0x8c
tbreak wpgo_deopt_continue
continue
echo \n# 2. The optimized frame is gone. Its caller's return address is on top of the stack.\n
info registers rsp rbp
x/i *(long *)$rsp
# ContextLayout.deoptimizer; struct wpgo_deopt
set $deopt = *(unsigned long **)($rdi + 88)
printf "\n# the image: %lu words for below %#lx, lowest address first\n", $deopt[3], $deopt[4]
x/13gx $deopt[2]
# Step by step: the debugger cannot put a breakpoint into code that nobody may write.
while $pc != $deopt[6]
  python gdb.execute("stepi", to_string=True)
end
printf "\n# 3. Before the call of the baseline frame: its slots, and how it goes on.\n"
info registers rip rsp rbp
x/8gx $rsp
x/4i $rip
python gdb.execute("stepi 4", to_string=True)
x/13i $rip
# sum.osr113: 0xa0 bytes into the code, as nm says
tbreak *($code + 0xa0)
continue
printf "\n# 4. The loop goes on in generic code. ContextLayout.osrBuffer has the locals:\n"
x/5gx *(long *)($rdi + 64)
continue
