import X64

/// Instruction in Intel syntax, its bytes, and how it is emitted.
let encodings: [EncodingTests.Row] = [
  .init("mov eax, ecx", "89c8") { $0.move(.dword, .rax, .rcx) },
  .init("mov r8, r15", "4d89f8") { $0.move(.qword, .r8, .r15) },
  .init("mov sil, dil", "4088fe") { $0.move(.byte, .rsi, .rdi) },
  .init("mov ax, r9w", "664489c8") { $0.move(.word, .rax, .r9) },
  .init("mov eax, dword ptr [rsp]", "8b0424") { $0.load(.dword, .rax, .memory(.rsp)) },
  .init("mov r12, qword ptr [r12 + 8]", "4d8b642408") { $0.load(.qword, .r12, .memory(.r12, 8)) },
  .init("mov eax, dword ptr [rbp]", "8b4500") { $0.load(.dword, .rax, .memory(.rbp)) },
  .init("mov eax, dword ptr [r13]", "418b4500") { $0.load(.dword, .rax, .memory(.r13)) },
  .init("mov eax, dword ptr [rbx + 127]", "8b437f") { $0.load(.dword, .rax, .memory(.rbx, 127)) },
  .init("mov eax, dword ptr [rbx + 128]", "8b8380000000") {
    $0.load(.dword, .rax, .memory(.rbx, 128))
  },
  .init("mov eax, dword ptr [rbx - 128]", "8b4380") { $0.load(.dword, .rax, .memory(.rbx, -128)) },
  .init("mov eax, dword ptr [rbx - 129]", "8b837fffffff") {
    $0.load(.dword, .rax, .memory(.rbx, -129))
  },
  .init("mov r9, qword ptr [r12 + r10]", "4f8b0c14") {
    $0.load(.qword, .r9, .memory(.r12, index: .r10))
  },
  .init("mov r9, qword ptr [r13 + r12]", "4f8b4c2500") {
    $0.load(.qword, .r9, .memory(.r13, index: .r12))
  },
  .init("mov edx, dword ptr [rsp + 8*rax + 64]", "8b54c440") {
    $0.load(.dword, .rdx, .memory(.rsp, index: .rax, scale: 8, 64))
  },
  .init("mov edx, dword ptr [rbp + 2*rcx + 65536]", "8b944d00000100") {
    $0.load(.dword, .rdx, .memory(.rbp, index: .rcx, scale: 2, 65536))
  },
  .init("mov qword ptr [rsp + 16], r11", "4c895c2410") {
    $0.store(.qword, .memory(.rsp, 16), Register.r11)
  },
  .init("mov dword ptr [rsp + 16], esi", "89742410") {
    $0.store(.dword, .memory(.rsp, 16), Register.rsi)
  },
  .init("mov word ptr [rax], r8w", "66448900") { $0.store(.word, .memory(.rax), Register.r8) },
  .init("mov byte ptr [rax], dil", "408838") { $0.store(.byte, .memory(.rax), Register.rdi) },
  .init("mov byte ptr [r12 + rdx], dl", "41881414") {
    $0.store(.byte, .memory(.r12, index: .rdx), Register.rdx)
  },
  .init("mov qword ptr [rsp + 8], -1", "48c7442408ffffffff") {
    $0.store(.qword, .memory(.rsp, 8), -1)
  },
  .init("mov dword ptr [rsp + 8], 305419896", "c744240878563412") {
    $0.store(.dword, .memory(.rsp, 8), 0x12345678)
  },
  .init("mov word ptr [rsp + 8], 4660", "66c74424083412") {
    $0.store(.word, .memory(.rsp, 8), 0x1234)
  },
  .init("mov byte ptr [r12 + rsi + 3], 18", "41c644340312") {
    $0.store(.byte, .memory(.r12, index: .rsi, 3), 0x12)
  },
  .init("mov ecx, 1", "b901000000") { $0.move(.rcx, immediate: 1) },
  .init("mov r9d, 4294967295", "41b9ffffffff") { $0.move(.r9, immediate: 0xFFFF_FFFF) },
  .init("mov rdx, -1", "48c7c2ffffffff") { $0.move(.rdx, immediate: .max) },
  .init("movabs r10, 81985529216486895", "49baefcdab8967452301") {
    $0.move(.r10, immediate: 0x0123_4567_89AB_CDEF)
  },
  .init("xor r8d, r8d", "4531c0") { $0.zero(Register.r8) },
  .init("movzx eax, byte ptr [rcx]", "0fb601") {
    $0.loadZeroExtended(.rax, from: .byte, .memory(.rcx))
  },
  .init("movzx eax, sil", "400fb6c6") { $0.loadZeroExtended(.rax, from: .byte, .register(.rsi)) },
  .init("movzx r9d, word ptr [rcx + r9]", "460fb70c09") {
    $0.loadZeroExtended(.r9, from: .word, .memory(.rcx, index: .r9))
  },
  .init("movsx eax, dl", "0fbec2") {
    $0.loadSignExtended(.rax, to: .dword, from: .byte, .register(.rdx))
  },
  .init("movsx rax, dil", "480fbec7") {
    $0.loadSignExtended(.rax, to: .qword, from: .byte, .register(.rdi))
  },
  .init("movsx r8, word ptr [rax]", "4c0fbf00") {
    $0.loadSignExtended(.r8, to: .qword, from: .word, .memory(.rax))
  },
  .init("movsx ecx, bx", "0fbfcb") {
    $0.loadSignExtended(.rcx, to: .dword, from: .word, .register(.rbx))
  },
  .init("movsxd rax, r11d", "4963c3") {
    $0.loadSignExtended(.rax, to: .qword, from: .dword, .register(.r11))
  },
  .init("lea edi, [rsi - 1]", "8d7eff") { $0.loadAddress(.dword, .rdi, .memory(.rsi, -1)) },
  .init("lea r11, [rsp - 4096]", "4c8d9c2400f0ffff") {
    $0.loadAddress(.qword, .r11, .memory(.rsp, -4096))
  },
  .init("cmove eax, ecx", "0f44c1") { $0.conditionalMove(.equal, .dword, .rax, .register(.rcx)) },
  .init("cmova r9, qword ptr [rsp + 8]", "4c0f474c2408") {
    $0.conditionalMove(.above, .qword, .r9, .memory(.rsp, 8))
  },
  .init("sete al", "0f94c0") { $0.setByte(.equal, .rax) },
  .init("setnp r11b", "410f9bc3") { $0.setByte(.notParity, .r11) },
  .init("setg sil", "400f9fc6") { $0.setByte(.greater, .rsi) },
  .init("push rbp", "55") { $0.push(.rbp) },
  .init("push r12", "4154") { $0.push(.r12) },
  .init("pop rbx", "5b") { $0.pop(.rbx) },
  .init("pop r13", "415d") { $0.pop(.r13) },
  .init("add eax, edx", "01d0") { $0.arithmetic(.add, .dword, .rax, .register(.rdx)) },
  .init("or r10, rdi", "4909fa") { $0.arithmetic(.or, .qword, .r10, .register(.rdi)) },
  .init("adc eax, dword ptr [rsp + 8]", "13442408") {
    $0.arithmetic(.adc, .dword, .rax, .memory(.rsp, 8))
  },
  .init("sbb rcx, qword ptr [r12 + r8]", "4b1b0c04") {
    $0.arithmetic(.sbb, .qword, .rcx, .memory(.r12, index: .r8))
  },
  .init("and sil, r11b", "4420de") { $0.arithmetic(.and, .byte, .rsi, .register(.r11)) },
  .init("sub dword ptr [rsp], ecx", "290c24") {
    $0.arithmetic(.sub, .dword, .memory(.rsp), Register.rcx)
  },
  .init("xor r9, -2", "4983f1fe") { $0.arithmetic(.xor, .qword, .register(.r9), -2) },
  .init("cmp edx, 2147483647", "81faffffff7f") {
    $0.arithmetic(.cmp, .dword, .register(.rdx), Int32.max)
  },
  .init("cmp word ptr [rax], 1000", "668138e803") {
    $0.arithmetic(.cmp, .word, .memory(.rax), 1000)
  },
  .init("cmp byte ptr [r11 + 77], 0", "41807b4d00") {
    $0.arithmetic(.cmp, .byte, .memory(.r11, 77), 0)
  },
  .init("cmp dil, 3", "4080ff03") { $0.arithmetic(.cmp, .byte, .register(.rdi), 3) },
  .init("add qword ptr [r11 + 1000], 1", "498383e803000001") {
    $0.arithmetic(.add, .qword, .memory(.r11, 1000), 1)
  },
  .init("test r8d, r8d", "4585c0") { $0.test(.dword, .register(.r8), .r8) },
  .init("test byte ptr [rax], sil", "408430") { $0.test(.byte, .memory(.rax), .rsi) },
  .init("test dword ptr [rsp + 8], 256", "f744240800010000") {
    $0.test(.dword, .memory(.rsp, 8), 256)
  },
  .init("test sil, 1", "40f6c601") { $0.test(.byte, .register(.rsi), 1) },
  .init("imul eax, dword ptr [rsp + 24]", "0faf442418") {
    $0.multiply(.dword, .rax, .memory(.rsp, 24))
  },
  .init("imul r8, r9", "4d0fafc1") { $0.multiply(.qword, .r8, .register(.r9)) },
  .init("imul eax, ecx, 10", "6bc10a") { $0.multiply(.dword, .rax, .register(.rcx), 10) },
  .init("imul r9, qword ptr [rsp], 1000", "4c690c24e8030000") {
    $0.multiply(.qword, .r9, .memory(.rsp), 1000)
  },
  .init("not ecx", "f7d1") { $0.unary(.not, .dword, .register(.rcx)) },
  .init("neg r9", "49f7d9") { $0.unary(.neg, .qword, .register(.r9)) },
  .init("mul rcx", "48f7e1") { $0.unary(.mul, .qword, .register(.rcx)) },
  .init("imul edx", "f7ea") { $0.unary(.imul, .dword, .register(.rdx)) },
  .init("div dword ptr [rsp + 8]", "f7742408") { $0.unary(.div, .dword, .memory(.rsp, 8)) },
  .init("idiv r10", "49f7fa") { $0.unary(.idiv, .qword, .register(.r10)) },
  .init("shl eax, cl", "d3e0") { $0.shift(.shl, .dword, .register(.rax)) },
  .init("sar r9, cl", "49d3f9") { $0.shift(.sar, .qword, .register(.r9)) },
  .init("rol edx, 7", "c1c207") { $0.shift(.rol, .dword, .register(.rdx), by: 7) },
  .init("ror r8, 63", "49c1c83f") { $0.shift(.ror, .qword, .register(.r8), by: 63) },
  .init("shr rsi, 16", "48c1ee10") { $0.shift(.shr, .qword, .register(.rsi), by: 16) },
  .init("bsf eax, dword ptr [rsp + 8]", "0fbc442408") {
    $0.scanForward(.dword, .rax, .memory(.rsp, 8))
  },
  .init("bsr r9, r10", "4d0fbdca") { $0.scanReverse(.qword, .r9, .register(.r10)) },
  .init("popcnt r9d, ecx", "f3440fb8c9") { $0.populationCount(.dword, .r9, .register(.rcx)) },
  .init("popcnt rax, qword ptr [rsp]", "f3480fb80424") {
    $0.populationCount(.qword, .rax, .memory(.rsp))
  },
  .init("cdq", "99") { $0.signExtendAccumulator(.dword) },
  .init("cqo", "4899") { $0.signExtendAccumulator(.qword) },
  .init("rep stosq qword ptr es:[rdi], rax", "f348ab") { $0.repeatStoreQuadwords() },
  .init("rep movsq qword ptr es:[rdi], qword ptr [rsi]", "f348a5") { $0.repeatMoveQuadwords() },
  .init("jmp r11", "41ffe3") { $0.jump(.register(.r11)) },
  .init("jmp qword ptr [rbx + 48]", "ff6330") { $0.jump(.memory(.rbx, 48)) },
  .init("call qword ptr [rax]", "ff10") { $0.call(.memory(.rax)) },
  .init("call qword ptr [rbx + 1000]", "ff93e8030000") { $0.call(.memory(.rbx, 1000)) },
  .init("ret", "c3") { $0.return() },
  .init("leave", "c9") { $0.leave() },
  .init("ud2", "0f0b") { $0.undefined() },
  .init("movaps xmm1, xmm15", "410f28cf") { $0.move(.xmm1, .xmm15) },
  .init("movss xmm9, dword ptr [rsp + 8]", "f3440f104c2408") {
    $0.load(.single, .xmm9, .memory(.rsp, 8))
  },
  .init("movsd xmm2, qword ptr [r12 + rax]", "f2410f101404") {
    $0.load(.double, .xmm2, .memory(.r12, index: .rax))
  },
  .init("movss dword ptr [r12 + r9 + 4], xmm3", "f3430f115c0c04") {
    $0.store(.single, .memory(.r12, index: .r9, 4), VectorRegister.xmm3)
  },
  .init("movsd qword ptr [rsp], xmm15", "f2440f113c24") {
    $0.store(.double, .memory(.rsp), VectorRegister.xmm15)
  },
  .init("movups xmmword ptr [rsp + 16], xmm15", "440f117c2410") {
    $0.store(.memory(.rsp, 16), VectorRegister.xmm15)
  },
  .init("movd xmm0, eax", "660f6ec0") { $0.move(.dword, VectorRegister.xmm0, Register.rax) },
  .init("movq xmm15, r11", "664d0f6efb") { $0.move(.qword, VectorRegister.xmm15, Register.r11) },
  .init("movd r9d, xmm1", "66410f7ec9") { $0.move(.dword, Register.r9, VectorRegister.xmm1) },
  .init("movq rax, xmm8", "664c0f7ec0") { $0.move(.qword, Register.rax, VectorRegister.xmm8) },
  .init("xorps xmm14, xmm14", "450f57f6") { $0.zero(VectorRegister.xmm14) },
  .init("andps xmm0, xmm15", "410f54c7") { $0.bitwise(.and, .xmm0, .vector(.xmm15)) },
  .init("andnps xmm15, xmm1", "440f55f9") { $0.bitwise(.andNot, .xmm15, .vector(.xmm1)) },
  .init("orps xmm8, xmm9", "450f56c1") { $0.bitwise(.or, .xmm8, .vector(.xmm9)) },
  .init("sqrtss xmm0, dword ptr [rsp + 8]", "f30f51442408") {
    $0.scalar(.sqrt, .single, .xmm0, .memory(.rsp, 8))
  },
  .init("addsd xmm1, xmm9", "f2410f58c9") { $0.scalar(.add, .double, .xmm1, .vector(.xmm9)) },
  .init("mulss xmm10, xmm0", "f3440f59d0") { $0.scalar(.mul, .single, .xmm10, .vector(.xmm0)) },
  .init("subsd xmm3, qword ptr [rsp + 24]", "f20f5c5c2418") {
    $0.scalar(.sub, .double, .xmm3, .memory(.rsp, 24))
  },
  .init("minss xmm4, xmm5", "f30f5de5") { $0.scalar(.min, .single, .xmm4, .vector(.xmm5)) },
  .init("divsd xmm6, xmm7", "f20f5ef7") { $0.scalar(.div, .double, .xmm6, .vector(.xmm7)) },
  .init("maxsd xmm6, xmm7", "f20f5ff7") { $0.scalar(.max, .double, .xmm6, .vector(.xmm7)) },
  .init("ucomiss xmm0, xmm1", "0f2ec1") { $0.compare(.single, .xmm0, .vector(.xmm1)) },
  .init("ucomisd xmm9, qword ptr [rsp]", "66440f2e0c24") {
    $0.compare(.double, .xmm9, .memory(.rsp))
  },
  .init("roundss xmm0, xmm1, 8", "660f3a0ac108") {
    $0.round(.nearest, .single, .xmm0, .vector(.xmm1))
  },
  .init("roundsd xmm9, qword ptr [rsp + 8], 9", "66440f3a0b4c240809") {
    $0.round(.floor, .double, .xmm9, .memory(.rsp, 8))
  },
  .init("roundss xmm0, xmm8, 10", "66410f3a0ac00a") {
    $0.round(.ceil, .single, .xmm0, .vector(.xmm8))
  },
  .init("roundsd xmm0, xmm1, 11", "660f3a0bc10b") {
    $0.round(.truncate, .double, .xmm0, .vector(.xmm1))
  },
  .init("cvtsi2ss xmm0, ecx", "f30f2ac1") {
    $0.convert(.single, .xmm0, from: .dword, .register(.rcx))
  },
  .init("cvtsi2sd xmm9, r10", "f24d0f2aca") {
    $0.convert(.double, .xmm9, from: .qword, .register(.r10))
  },
  .init("cvtsi2sd xmm9, dword ptr [rsp + 8]", "f2440f2a4c2408") {
    $0.convert(.double, .xmm9, from: .dword, .memory(.rsp, 8))
  },
  .init("cvttss2si r11, xmm0", "f34c0f2cd8") { $0.truncate(.qword, .r11, .single, .vector(.xmm0)) },
  .init("cvttsd2si eax, xmm9", "f2410f2cc1") { $0.truncate(.dword, .rax, .double, .vector(.xmm9)) },
  .init("cvtss2sd xmm1, xmm2", "f30f5aca") { $0.convert(from: .single, .xmm1, .vector(.xmm2)) },
  .init("cvtsd2ss xmm1, qword ptr [rsp]", "f20f5a0c24") {
    $0.convert(from: .double, .xmm1, .memory(.rsp))
  },
]
