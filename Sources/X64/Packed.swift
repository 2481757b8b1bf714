/// Instructions on whole vector registers: opcode, opcode map, mandatory prefix and W, which the encodings of SSE, VEX and EVEX have in
/// common (Intel SDM vol. 2), from the lowest byte up. The highest byte says which of the encodings exist. Names are Intel's mnemonics, without
/// the v that VEX and EVEX add.
public enum Packed: UInt64, Sendable, CaseIterable {
  // MARK: Integer arithmetic
  case paddb = 0x66_01_FC
  case paddw = 0x66_01_FD
  case paddd = 0x66_01_FE
  case paddq = 0x66_01_D4
  case psubb = 0x66_01_F8
  case psubw = 0x66_01_F9
  case psubd = 0x66_01_FA
  case psubq = 0x66_01_FB
  case paddsb = 0x66_01_EC
  case paddsw = 0x66_01_ED
  case paddusb = 0x66_01_DC
  case paddusw = 0x66_01_DD
  case psubsb = 0x66_01_E8
  case psubsw = 0x66_01_E9
  case psubusb = 0x66_01_D8
  case psubusw = 0x66_01_D9
  case pavgb = 0x66_01_E0
  case pavgw = 0x66_01_E3
  case pminub = 0x66_01_DA
  case pminsw = 0x66_01_EA
  case pmaxub = 0x66_01_DE
  case pmaxsw = 0x66_01_EE
  case pminsb = 0x66_02_38
  case pminsd = 0x66_02_39
  case pminuw = 0x66_02_3A
  case pminud = 0x66_02_3B
  case pmaxsb = 0x66_02_3C
  case pmaxsd = 0x66_02_3D
  case pmaxuw = 0x66_02_3E
  case pmaxud = 0x66_02_3F
  case pmullw = 0x66_01_D5
  case pmulhw = 0x66_01_E5
  case pmulhuw = 0x66_01_E4
  case pmulld = 0x66_02_40
  case pmuludq = 0x66_01_F4
  case pmuldq = 0x66_02_28
  case pmulhrsw = 0x66_02_0B
  case pmaddwd = 0x66_01_F5
  /// Bytes of the first operand are unsigned, those of the second signed.
  case pmaddubsw = 0x66_02_04
  case pabsb = 0x66_02_1C
  case pabsw = 0x66_02_1D
  case pabsd = 0x66_02_1E
  /// With AVX-512.
  case pabsq = 0x02_01_66_02_1F
  /// With AVX-512.
  case pmullq = 0x02_01_66_02_40
  /// With BITALG.
  case popcntb = 0x02_00_66_02_54
  /// With VNNI: bytes of the second operand are unsigned, those of the third signed.
  case pdpbusd = 0x02_00_66_02_50

  // MARK: Comparisons
  case pcmpeqb = 0x66_01_74
  case pcmpeqw = 0x66_01_75
  case pcmpeqd = 0x66_01_76
  case pcmpeqq = 0x66_02_29
  case pcmpgtb = 0x66_01_64
  case pcmpgtw = 0x66_01_65
  case pcmpgtd = 0x66_01_66
  case pcmpgtq = 0x66_02_37
  /// Zero flag: the operands' bits are disjoint.
  case ptest = 0x66_02_17

  // MARK: Bits
  case pand = 0x66_01_DB
  /// (not first) and second
  case pandn = 0x66_01_DF
  case por = 0x66_01_EB
  case pxor = 0x66_01_EF
  /// Shifts by the low 64 bits of the second operand.
  case psllw = 0x66_01_F1
  case pslld = 0x66_01_F2
  case psllq = 0x66_01_F3
  case psrlw = 0x66_01_D1
  case psrld = 0x66_01_D2
  case psrlq = 0x66_01_D3
  case psraw = 0x66_01_E1
  case psrad = 0x66_01_E2
  /// With AVX-512.
  case psraq = 0x02_01_66_01_E2
  /// Any function of three bits: the immediate is its table. Reads the destination too. With AVX-512.
  case pternlogq = 0x02_01_66_03_25

  // MARK: Permutations
  case packsswb = 0x66_01_63
  case packuswb = 0x66_01_67
  case packssdw = 0x66_01_6B
  case packusdw = 0x66_02_2B
  case punpcklbw = 0x66_01_60
  case punpcklwd = 0x66_01_61
  case punpckldq = 0x66_01_62
  case punpcklqdq = 0x66_01_6C
  case punpckhbw = 0x66_01_68
  case punpckhwd = 0x66_01_69
  case punpckhdq = 0x66_01_6A
  case punpckhqdq = 0x66_01_6D
  case pshufb = 0x66_02_00
  case pshufd = 0x66_01_70
  case pshuflw = 0xF2_01_70
  case pshufhw = 0xF3_01_70
  case palignr = 0x66_03_0F
  case pblendw = 0x66_03_0E
  case pmovsxbw = 0x66_02_20
  case pmovsxwd = 0x66_02_23
  case pmovsxdq = 0x66_02_25
  case pmovzxbw = 0x66_02_30
  case pmovzxwd = 0x66_02_33
  case pmovzxdq = 0x66_02_35
  /// Bytes of the destination and of the third operand, by the second's indices. With VBMI.
  case permt2b = 0x02_00_66_02_7D
  /// Lanes of the third operand where the top bit of the register that the immediate names (in its upper half) is set, else of the second.
  /// With AVX.
  case pblendvb = 0x01_00_66_03_4C
  case blendvps = 0x01_00_66_03_4A
  case blendvpd = 0x01_00_66_03_4B
  /// With AVX2; from a vector register or memory.
  case pbroadcastb = 0x01_00_66_02_78
  case pbroadcastw = 0x01_00_66_02_79
  case pbroadcastd = 0x01_00_66_02_58
  case pbroadcastq = 0x01_00_66_02_59
  /// With AVX-512; from a general register.
  case pbroadcastbFromGeneral = 0x02_00_66_02_7A
  case pbroadcastwFromGeneral = 0x02_00_66_02_7B

  // MARK: Lanes and masks
  /// The destination is the r/m operand.
  case pextrb = 0x66_03_14
  case pextrw = 0x66_03_15
  case pextrd = 0x66_03_16
  case pextrq = 0x01_66_03_16
  case pinsrb = 0x66_03_20
  case pinsrw = 0x66_01_C4
  case pinsrd = 0x66_03_22
  case pinsrq = 0x01_66_03_22
  case insertps = 0x66_03_21
  /// To a general register.
  case pmovmskb = 0x66_01_D7
  case movmskps = 0x00_01_50
  case movmskpd = 0x66_01_50
  case movddup = 0xF2_01_12
  /// The high half to memory, which is the r/m operand.
  case movhps = 0x00_01_17
  case movlhps = 0x00_01_16
  /// The low half of a register; keeps the high half.
  case movsd = 0xF2_01_10
  case shufps = 0x00_01_C6
  case unpcklps = 0x00_01_14

  // MARK: Floats
  case addps = 0x00_01_58
  case addpd = 0x66_01_58
  case subps = 0x00_01_5C
  case subpd = 0x66_01_5C
  case mulps = 0x00_01_59
  case mulpd = 0x66_01_59
  case divps = 0x00_01_5E
  case divpd = 0x66_01_5E
  case minps = 0x00_01_5D
  case minpd = 0x66_01_5D
  case maxps = 0x00_01_5F
  case maxpd = 0x66_01_5F
  case sqrtps = 0x00_01_51
  case sqrtpd = 0x66_01_51
  case andps = 0x00_01_54
  case andnps = 0x00_01_55
  case orps = 0x00_01_56
  case xorps = 0x00_01_57
  /// See ``Assembler/FloatTest``.
  case cmpps = 0x00_01_C2
  case cmppd = 0x66_01_C2
  /// See ``Assembler/Rounding``.
  case roundps = 0x66_03_08
  case roundpd = 0x66_03_09
  /// With FMA: first * second + third, rounded once; the destination is the first.
  case fmadd213ps = 0x01_00_66_02_A8
  case fmadd213pd = 0x01_01_66_02_A8
  /// With FMA: third - first * second.
  case fnmadd213ps = 0x01_00_66_02_AC
  case fnmadd213pd = 0x01_01_66_02_AC

  // MARK: Conversions
  case cvtdq2ps = 0x00_01_5B
  case cvtdq2pd = 0xF3_01_E6
  case cvttps2dq = 0xF3_01_5B
  case cvttpd2dq = 0x66_01_E6
  case cvtps2pd = 0x00_01_5A
  case cvtpd2ps = 0x66_01_5A
  /// The unsigned ones with AVX-512.
  case cvtudq2ps = 0x02_00_F2_01_7A
  case cvtudq2pd = 0x02_00_F3_01_7A
  case cvttps2udq = 0x02_00_00_01_78
  case cvttpd2udq = 0x02_01_00_01_78

  var opcode: UInt8 { UInt8(truncatingIfNeeded: rawValue) }
  /// 1, 2, 3 for 0F, 0F 38, 0F 3A.
  var map: UInt8 { UInt8(truncatingIfNeeded: rawValue >> 8) }
  var prefix: UInt8 { UInt8(truncatingIfNeeded: rawValue >> 16) }
  /// W: a part of the opcode, or 64-bit general registers.
  var isWide: Bool { rawValue >> 24 & 1 != 0 }

  /// Whether there is an encoding without VEX and EVEX.
  public var isLegacy: Bool { rawValue >> 32 == 0 }
  /// Whether there is an encoding with EVEX only, of those with VEX and EVEX.
  public var needsEVEX: Bool { rawValue >> 32 == 2 }
}

/// Shifts of all lanes by a constant: opcode, and opcode extension in the next byte.
public enum PackedShift: UInt16, Sendable, CaseIterable {
  case psrlw = 0x02_71
  case psraw = 0x04_71
  case psllw = 0x06_71
  case psrld = 0x02_72
  case psrad = 0x04_72
  case pslld = 0x06_72
  case psrlq = 0x02_73
  case psllq = 0x06_73
  /// By bytes.
  case psrldq = 0x03_73

  var opcode: UInt8 { UInt8(truncatingIfNeeded: rawValue) }
  var `extension`: UInt8 { UInt8(truncatingIfNeeded: rawValue >> 8) }
}
