import X64

/// Each instruction of ``Packed`` in each of its encodings. Register numbers need all bits of the encodings.
enum PackedEmissions {
  typealias Emission = @Sendable (inout Assembler) -> Void

  static let all: [Emission] = Packed.allCases.flatMap(emissions)

  private static let unary: Set<Packed> = [
    .pabsb, .pabsw, .pabsd, .pabsq, .popcntb, .ptest, .pshufd, .pshuflw, .pshufhw, .pmovsxbw,
    .pmovsxwd, .pmovsxdq, .pmovzxbw, .pmovzxwd, .pmovzxdq, .pbroadcastb, .pbroadcastw, .pbroadcastd,
    .pbroadcastbFromGeneral, .pbroadcastwFromGeneral, .pextrb, .pextrw, .pextrd, .pextrq, .movddup,
    .movhps, .sqrtps, .sqrtpd, .roundps, .roundpd, .cvtdq2ps, .cvtdq2pd, .cvttps2dq, .cvttpd2dq,
    .cvtps2pd, .cvtpd2ps, .cvtudq2ps, .cvtudq2pd, .cvttps2udq, .cvttpd2udq,
  ]
  private static let withImmediate: Set<Packed> = [
    .pshufd, .pshuflw, .pshufhw, .palignr, .pblendw, .pternlogq, .pblendvb, .blendvps, .blendvpd,
    .pextrb, .pextrw, .pextrd, .pextrq, .pinsrb, .pinsrw, .pinsrd, .pinsrq, .insertps, .shufps,
    .cmpps, .cmppd, .roundps, .roundpd,
  ]
  private static let fromGeneral: Set<Packed> = [
    .pextrb, .pextrw, .pextrd, .pextrq, .pinsrb, .pinsrw, .pinsrd, .pinsrq, .pbroadcastbFromGeneral,
    .pbroadcastwFromGeneral,
  ]

  private static func emissions(_ instruction: Packed) -> [Emission] {
    if [.pmovmskb, .movmskps, .movmskpd].contains(instruction) {
      return [{ $0.packed(instruction, Register.r9, .xmm12) }]
    }
    let immediate: UInt8? =
      switch instruction {
      case .pblendvb, .blendvps, .blendvpd: 0xB0
      case .cmpps, .cmppd: 6
      case .roundps, .roundpd: 9
      default: withImmediate.contains(instruction) ? 0x01 : nil
      }
    let source: Operand =
      fromGeneral.contains(instruction)
      ? .register(.r9)
      : instruction == .movhps ? .memory(.r9, index: .r10, 64) : .vector(.xmm12)
    let first: VectorRegister? = unary.contains(instruction) ? nil : .xmm3
    var result: [Emission] = []
    if instruction.isLegacy {
      result.append { $0.packed(instruction, .xmm10, source, immediate) }
    }
    result.append { $0.packedVEX(instruction, .xmm10, first, source, immediate) }
    return result
  }
}

/// Each with its checked bytes.
let packedEncodings: [EncodingTests.Row] = zip(
  PackedEmissions.all, packedLines.split(separator: "\n")
).map { emission, line in
  let parts = line.split(separator: " ", maxSplits: 1)
  return .init(String(parts[1]), String(parts[0]), emission)
}

/// Other operands, and instructions that ``Packed`` lacks.
let packedShapes: [EncodingTests.Row] = [
  .init("movups xmm9, xmmword ptr [rsp + 16]", "440f104c2410") {
    $0.load(.xmm9, .memory(.rsp, 16))
  },
  .init("paddd xmm1, xmmword ptr [rsp + 32]", "660ffe4c2420") {
    $0.packed(.paddd, .xmm1, .memory(.rsp, 32))
  },
  .init("vpaddd xmm9, xmm10, xmmword ptr [rsp + 32]", "c529fe4c2420") {
    $0.packedVEX(.paddd, .xmm9, .xmm10, .memory(.rsp, 32))
  },
  .init("vpaddd xmm1, xmm2, xmm3", "c5e9fecb") {
    $0.packedVEX(.paddd, .xmm1, .xmm2, .vector(.xmm3))
  },
  .init("vpmovsxbw xmm1, qword ptr [r12 + r9 + 8]", "c4827920" + "4c0c08") {
    $0.packedVEX(.pmovsxbw, .xmm1, nil, .memory(.r12, index: .r9, 8))
  },
  .init("pextrb byte ptr [r12 + rax], xmm9, 15", "66450f3a140c040f") {
    $0.packed(.pextrb, .xmm9, .memory(.r12, index: .rax), 15)
  },
  .init("vpbroadcastb xmm0, byte ptr [r12 + rax]", "c4c279780404") {
    $0.packedVEX(.pbroadcastb, .xmm0, nil, .memory(.r12, index: .rax))
  },
  .init("psrlw xmm1, 4", "660f71d104") { $0.shift(.psrlw, .xmm1, by: 4) },
  .init("psraw xmm10, 8", "66410f71e208") { $0.shift(.psraw, .xmm10, by: 8) },
  .init("psllw xmm10, 8", "66410f71f208") { $0.shift(.psllw, .xmm10, by: 8) },
  .init("psrld xmm1, 31", "660f72d11f") { $0.shift(.psrld, .xmm1, by: 31) },
  .init("psrad xmm1, 31", "660f72e11f") { $0.shift(.psrad, .xmm1, by: 31) },
  .init("pslld xmm1, 31", "660f72f11f") { $0.shift(.pslld, .xmm1, by: 31) },
  .init("psrlq xmm1, 32", "660f73d120") { $0.shift(.psrlq, .xmm1, by: 32) },
  .init("psllq xmm1, 32", "660f73f120") { $0.shift(.psllq, .xmm1, by: 32) },
  .init("vpsrlw xmm9, xmm1, 4", "c5b171d104") { $0.shiftVEX(.psrlw, .xmm9, .xmm1, by: 4) },
  .init("vpsllq xmm1, xmm10, 32", "c4c17173f220") { $0.shiftVEX(.psllq, .xmm1, .xmm10, by: 32) },
  .init("vpsraq xmm9, xmm10, 63", "62d1b50872e23f") {
    $0.shiftRightArithmeticQuadwords(.xmm9, .xmm10, by: 63)
  },
  .init("paddd xmm10, xmmword ptr [rip]", "66440ffe1500000000") { $0.emitWithLabel(.paddd, nil) },
  .init("vpaddd xmm10, xmm3, xmmword ptr [rip]", "c561fe1500000000") {
    $0.emitWithLabel(.paddd, .xmm3)
  },
  .init("vpshufb xmm10, xmm3, xmmword ptr [rip]", "c462610015" + "00000000") {
    $0.emitWithLabel(.pshufb, .xmm3)
  },
]

extension Assembler {
  /// Into xmm10, with what follows the instruction.
  fileprivate mutating func emitWithLabel(_ instruction: Packed, _ first: VectorRegister?) {
    let label = makeLabel()
    if let first {
      packedVEX(instruction, .xmm10, first, .label(label))
    } else {
      packed(instruction, .xmm10, .label(label))
    }
    bind(label)
  }
}

private let packedLines = """
  66450ffcd4 paddb xmm10, xmm12
  c44161fcd4 vpaddb xmm10, xmm3, xmm12
  66450ffdd4 paddw xmm10, xmm12
  c44161fdd4 vpaddw xmm10, xmm3, xmm12
  66450ffed4 paddd xmm10, xmm12
  c44161fed4 vpaddd xmm10, xmm3, xmm12
  66450fd4d4 paddq xmm10, xmm12
  c44161d4d4 vpaddq xmm10, xmm3, xmm12
  66450ff8d4 psubb xmm10, xmm12
  c44161f8d4 vpsubb xmm10, xmm3, xmm12
  66450ff9d4 psubw xmm10, xmm12
  c44161f9d4 vpsubw xmm10, xmm3, xmm12
  66450ffad4 psubd xmm10, xmm12
  c44161fad4 vpsubd xmm10, xmm3, xmm12
  66450ffbd4 psubq xmm10, xmm12
  c44161fbd4 vpsubq xmm10, xmm3, xmm12
  66450fecd4 paddsb xmm10, xmm12
  c44161ecd4 vpaddsb xmm10, xmm3, xmm12
  66450fedd4 paddsw xmm10, xmm12
  c44161edd4 vpaddsw xmm10, xmm3, xmm12
  66450fdcd4 paddusb xmm10, xmm12
  c44161dcd4 vpaddusb xmm10, xmm3, xmm12
  66450fddd4 paddusw xmm10, xmm12
  c44161ddd4 vpaddusw xmm10, xmm3, xmm12
  66450fe8d4 psubsb xmm10, xmm12
  c44161e8d4 vpsubsb xmm10, xmm3, xmm12
  66450fe9d4 psubsw xmm10, xmm12
  c44161e9d4 vpsubsw xmm10, xmm3, xmm12
  66450fd8d4 psubusb xmm10, xmm12
  c44161d8d4 vpsubusb xmm10, xmm3, xmm12
  66450fd9d4 psubusw xmm10, xmm12
  c44161d9d4 vpsubusw xmm10, xmm3, xmm12
  66450fe0d4 pavgb xmm10, xmm12
  c44161e0d4 vpavgb xmm10, xmm3, xmm12
  66450fe3d4 pavgw xmm10, xmm12
  c44161e3d4 vpavgw xmm10, xmm3, xmm12
  66450fdad4 pminub xmm10, xmm12
  c44161dad4 vpminub xmm10, xmm3, xmm12
  66450fead4 pminsw xmm10, xmm12
  c44161ead4 vpminsw xmm10, xmm3, xmm12
  66450fded4 pmaxub xmm10, xmm12
  c44161ded4 vpmaxub xmm10, xmm3, xmm12
  66450feed4 pmaxsw xmm10, xmm12
  c44161eed4 vpmaxsw xmm10, xmm3, xmm12
  66450f3838d4 pminsb xmm10, xmm12
  c4426138d4 vpminsb xmm10, xmm3, xmm12
  66450f3839d4 pminsd xmm10, xmm12
  c4426139d4 vpminsd xmm10, xmm3, xmm12
  66450f383ad4 pminuw xmm10, xmm12
  c442613ad4 vpminuw xmm10, xmm3, xmm12
  66450f383bd4 pminud xmm10, xmm12
  c442613bd4 vpminud xmm10, xmm3, xmm12
  66450f383cd4 pmaxsb xmm10, xmm12
  c442613cd4 vpmaxsb xmm10, xmm3, xmm12
  66450f383dd4 pmaxsd xmm10, xmm12
  c442613dd4 vpmaxsd xmm10, xmm3, xmm12
  66450f383ed4 pmaxuw xmm10, xmm12
  c442613ed4 vpmaxuw xmm10, xmm3, xmm12
  66450f383fd4 pmaxud xmm10, xmm12
  c442613fd4 vpmaxud xmm10, xmm3, xmm12
  66450fd5d4 pmullw xmm10, xmm12
  c44161d5d4 vpmullw xmm10, xmm3, xmm12
  66450fe5d4 pmulhw xmm10, xmm12
  c44161e5d4 vpmulhw xmm10, xmm3, xmm12
  66450fe4d4 pmulhuw xmm10, xmm12
  c44161e4d4 vpmulhuw xmm10, xmm3, xmm12
  66450f3840d4 pmulld xmm10, xmm12
  c4426140d4 vpmulld xmm10, xmm3, xmm12
  66450ff4d4 pmuludq xmm10, xmm12
  c44161f4d4 vpmuludq xmm10, xmm3, xmm12
  66450f3828d4 pmuldq xmm10, xmm12
  c4426128d4 vpmuldq xmm10, xmm3, xmm12
  66450f380bd4 pmulhrsw xmm10, xmm12
  c442610bd4 vpmulhrsw xmm10, xmm3, xmm12
  66450ff5d4 pmaddwd xmm10, xmm12
  c44161f5d4 vpmaddwd xmm10, xmm3, xmm12
  66450f3804d4 pmaddubsw xmm10, xmm12
  c4426104d4 vpmaddubsw xmm10, xmm3, xmm12
  66450f381cd4 pabsb xmm10, xmm12
  c442791cd4 vpabsb xmm10, xmm12
  66450f381dd4 pabsw xmm10, xmm12
  c442791dd4 vpabsw xmm10, xmm12
  66450f381ed4 pabsd xmm10, xmm12
  c442791ed4 vpabsd xmm10, xmm12
  6252fd081fd4 vpabsq xmm10, xmm12
  6252e50840d4 vpmullq xmm10, xmm3, xmm12
  62527d0854d4 vpopcntb xmm10, xmm12
  6252650850d4 vpdpbusd xmm10, xmm3, xmm12
  66450f74d4 pcmpeqb xmm10, xmm12
  c4416174d4 vpcmpeqb xmm10, xmm3, xmm12
  66450f75d4 pcmpeqw xmm10, xmm12
  c4416175d4 vpcmpeqw xmm10, xmm3, xmm12
  66450f76d4 pcmpeqd xmm10, xmm12
  c4416176d4 vpcmpeqd xmm10, xmm3, xmm12
  66450f3829d4 pcmpeqq xmm10, xmm12
  c4426129d4 vpcmpeqq xmm10, xmm3, xmm12
  66450f64d4 pcmpgtb xmm10, xmm12
  c4416164d4 vpcmpgtb xmm10, xmm3, xmm12
  66450f65d4 pcmpgtw xmm10, xmm12
  c4416165d4 vpcmpgtw xmm10, xmm3, xmm12
  66450f66d4 pcmpgtd xmm10, xmm12
  c4416166d4 vpcmpgtd xmm10, xmm3, xmm12
  66450f3837d4 pcmpgtq xmm10, xmm12
  c4426137d4 vpcmpgtq xmm10, xmm3, xmm12
  66450f3817d4 ptest xmm10, xmm12
  c4427917d4 vptest xmm10, xmm12
  66450fdbd4 pand xmm10, xmm12
  c44161dbd4 vpand xmm10, xmm3, xmm12
  66450fdfd4 pandn xmm10, xmm12
  c44161dfd4 vpandn xmm10, xmm3, xmm12
  66450febd4 por xmm10, xmm12
  c44161ebd4 vpor xmm10, xmm3, xmm12
  66450fefd4 pxor xmm10, xmm12
  c44161efd4 vpxor xmm10, xmm3, xmm12
  66450ff1d4 psllw xmm10, xmm12
  c44161f1d4 vpsllw xmm10, xmm3, xmm12
  66450ff2d4 pslld xmm10, xmm12
  c44161f2d4 vpslld xmm10, xmm3, xmm12
  66450ff3d4 psllq xmm10, xmm12
  c44161f3d4 vpsllq xmm10, xmm3, xmm12
  66450fd1d4 psrlw xmm10, xmm12
  c44161d1d4 vpsrlw xmm10, xmm3, xmm12
  66450fd2d4 psrld xmm10, xmm12
  c44161d2d4 vpsrld xmm10, xmm3, xmm12
  66450fd3d4 psrlq xmm10, xmm12
  c44161d3d4 vpsrlq xmm10, xmm3, xmm12
  66450fe1d4 psraw xmm10, xmm12
  c44161e1d4 vpsraw xmm10, xmm3, xmm12
  66450fe2d4 psrad xmm10, xmm12
  c44161e2d4 vpsrad xmm10, xmm3, xmm12
  6251e508e2d4 vpsraq xmm10, xmm3, xmm12
  6253e50825d401 vpternlogq xmm10, xmm3, xmm12, 1
  66450f63d4 packsswb xmm10, xmm12
  c4416163d4 vpacksswb xmm10, xmm3, xmm12
  66450f67d4 packuswb xmm10, xmm12
  c4416167d4 vpackuswb xmm10, xmm3, xmm12
  66450f6bd4 packssdw xmm10, xmm12
  c441616bd4 vpackssdw xmm10, xmm3, xmm12
  66450f382bd4 packusdw xmm10, xmm12
  c442612bd4 vpackusdw xmm10, xmm3, xmm12
  66450f60d4 punpcklbw xmm10, xmm12
  c4416160d4 vpunpcklbw xmm10, xmm3, xmm12
  66450f61d4 punpcklwd xmm10, xmm12
  c4416161d4 vpunpcklwd xmm10, xmm3, xmm12
  66450f62d4 punpckldq xmm10, xmm12
  c4416162d4 vpunpckldq xmm10, xmm3, xmm12
  66450f6cd4 punpcklqdq xmm10, xmm12
  c441616cd4 vpunpcklqdq xmm10, xmm3, xmm12
  66450f68d4 punpckhbw xmm10, xmm12
  c4416168d4 vpunpckhbw xmm10, xmm3, xmm12
  66450f69d4 punpckhwd xmm10, xmm12
  c4416169d4 vpunpckhwd xmm10, xmm3, xmm12
  66450f6ad4 punpckhdq xmm10, xmm12
  c441616ad4 vpunpckhdq xmm10, xmm3, xmm12
  66450f6dd4 punpckhqdq xmm10, xmm12
  c441616dd4 vpunpckhqdq xmm10, xmm3, xmm12
  66450f3800d4 pshufb xmm10, xmm12
  c4426100d4 vpshufb xmm10, xmm3, xmm12
  66450f70d401 pshufd xmm10, xmm12, 1
  c4417970d401 vpshufd xmm10, xmm12, 1
  f2450f70d401 pshuflw xmm10, xmm12, 1
  c4417b70d401 vpshuflw xmm10, xmm12, 1
  f3450f70d401 pshufhw xmm10, xmm12, 1
  c4417a70d401 vpshufhw xmm10, xmm12, 1
  66450f3a0fd401 palignr xmm10, xmm12, 1
  c443610fd401 vpalignr xmm10, xmm3, xmm12, 1
  66450f3a0ed401 pblendw xmm10, xmm12, 1
  c443610ed401 vpblendw xmm10, xmm3, xmm12, 1
  66450f3820d4 pmovsxbw xmm10, xmm12
  c4427920d4 vpmovsxbw xmm10, xmm12
  66450f3823d4 pmovsxwd xmm10, xmm12
  c4427923d4 vpmovsxwd xmm10, xmm12
  66450f3825d4 pmovsxdq xmm10, xmm12
  c4427925d4 vpmovsxdq xmm10, xmm12
  66450f3830d4 pmovzxbw xmm10, xmm12
  c4427930d4 vpmovzxbw xmm10, xmm12
  66450f3833d4 pmovzxwd xmm10, xmm12
  c4427933d4 vpmovzxwd xmm10, xmm12
  66450f3835d4 pmovzxdq xmm10, xmm12
  c4427935d4 vpmovzxdq xmm10, xmm12
  625265087dd4 vpermt2b xmm10, xmm3, xmm12
  c443614cd4b0 vpblendvb xmm10, xmm3, xmm12, xmm11
  c443614ad4b0 vblendvps xmm10, xmm3, xmm12, xmm11
  c443614bd4b0 vblendvpd xmm10, xmm3, xmm12, xmm11
  c4427978d4 vpbroadcastb xmm10, xmm12
  c4427979d4 vpbroadcastw xmm10, xmm12
  c4427958d4 vpbroadcastd xmm10, xmm12
  62527d087ad1 vpbroadcastb xmm10, r9d
  62527d087bd1 vpbroadcastw xmm10, r9d
  66450f3a14d101 pextrb r9d, xmm10, 1
  c4437914d101 vpextrb r9d, xmm10, 1
  66450f3a15d101 pextrw r9d, xmm10, 1
  c4437915d101 vpextrw r9d, xmm10, 1
  66450f3a16d101 pextrd r9d, xmm10, 1
  c4437916d101 vpextrd r9d, xmm10, 1
  664d0f3a16d101 pextrq r9, xmm10, 1
  c443f916d101 vpextrq r9, xmm10, 1
  66450f3a20d101 pinsrb xmm10, r9d, 1
  c4436120d101 vpinsrb xmm10, xmm3, r9d, 1
  66450fc4d101 pinsrw xmm10, r9d, 1
  c44161c4d101 vpinsrw xmm10, xmm3, r9d, 1
  66450f3a22d101 pinsrd xmm10, r9d, 1
  c4436122d101 vpinsrd xmm10, xmm3, r9d, 1
  664d0f3a22d101 pinsrq xmm10, r9, 1
  c443e122d101 vpinsrq xmm10, xmm3, r9, 1
  66450f3a21d401 insertps xmm10, xmm12, 1
  c4436121d401 vinsertps xmm10, xmm3, xmm12, 1
  66450fd7cc pmovmskb r9d, xmm12
  450f50cc movmskps r9d, xmm12
  66450f50cc movmskpd r9d, xmm12
  f2450f12d4 movddup xmm10, xmm12
  c4417b12d4 vmovddup xmm10, xmm12
  470f17541140 movhps qword ptr [r9 + r10 + 64], xmm10
  c4017817541140 vmovhps qword ptr [r9 + r10 + 64], xmm10
  450f16d4 movlhps xmm10, xmm12
  c4416016d4 vmovlhps xmm10, xmm3, xmm12
  f2450f10d4 movsd xmm10, xmm12
  c4416310d4 vmovsd xmm10, xmm3, xmm12
  450fc6d401 shufps xmm10, xmm12, 1
  c44160c6d401 vshufps xmm10, xmm3, xmm12, 1
  450f14d4 unpcklps xmm10, xmm12
  c4416014d4 vunpcklps xmm10, xmm3, xmm12
  450f58d4 addps xmm10, xmm12
  c4416058d4 vaddps xmm10, xmm3, xmm12
  66450f58d4 addpd xmm10, xmm12
  c4416158d4 vaddpd xmm10, xmm3, xmm12
  450f5cd4 subps xmm10, xmm12
  c441605cd4 vsubps xmm10, xmm3, xmm12
  66450f5cd4 subpd xmm10, xmm12
  c441615cd4 vsubpd xmm10, xmm3, xmm12
  450f59d4 mulps xmm10, xmm12
  c4416059d4 vmulps xmm10, xmm3, xmm12
  66450f59d4 mulpd xmm10, xmm12
  c4416159d4 vmulpd xmm10, xmm3, xmm12
  450f5ed4 divps xmm10, xmm12
  c441605ed4 vdivps xmm10, xmm3, xmm12
  66450f5ed4 divpd xmm10, xmm12
  c441615ed4 vdivpd xmm10, xmm3, xmm12
  450f5dd4 minps xmm10, xmm12
  c441605dd4 vminps xmm10, xmm3, xmm12
  66450f5dd4 minpd xmm10, xmm12
  c441615dd4 vminpd xmm10, xmm3, xmm12
  450f5fd4 maxps xmm10, xmm12
  c441605fd4 vmaxps xmm10, xmm3, xmm12
  66450f5fd4 maxpd xmm10, xmm12
  c441615fd4 vmaxpd xmm10, xmm3, xmm12
  450f51d4 sqrtps xmm10, xmm12
  c4417851d4 vsqrtps xmm10, xmm12
  66450f51d4 sqrtpd xmm10, xmm12
  c4417951d4 vsqrtpd xmm10, xmm12
  450f54d4 andps xmm10, xmm12
  c4416054d4 vandps xmm10, xmm3, xmm12
  450f55d4 andnps xmm10, xmm12
  c4416055d4 vandnps xmm10, xmm3, xmm12
  450f56d4 orps xmm10, xmm12
  c4416056d4 vorps xmm10, xmm3, xmm12
  450f57d4 xorps xmm10, xmm12
  c4416057d4 vxorps xmm10, xmm3, xmm12
  450fc2d406 cmpnleps xmm10, xmm12
  c44160c2d406 vcmpnleps xmm10, xmm3, xmm12
  66450fc2d406 cmpnlepd xmm10, xmm12
  c44161c2d406 vcmpnlepd xmm10, xmm3, xmm12
  66450f3a08d409 roundps xmm10, xmm12, 9
  c4437908d409 vroundps xmm10, xmm12, 9
  66450f3a09d409 roundpd xmm10, xmm12, 9
  c4437909d409 vroundpd xmm10, xmm12, 9
  c44261a8d4 vfmadd213ps xmm10, xmm3, xmm12
  c442e1a8d4 vfmadd213pd xmm10, xmm3, xmm12
  c44261acd4 vfnmadd213ps xmm10, xmm3, xmm12
  c442e1acd4 vfnmadd213pd xmm10, xmm3, xmm12
  450f5bd4 cvtdq2ps xmm10, xmm12
  c441785bd4 vcvtdq2ps xmm10, xmm12
  f3450fe6d4 cvtdq2pd xmm10, xmm12
  c4417ae6d4 vcvtdq2pd xmm10, xmm12
  f3450f5bd4 cvttps2dq xmm10, xmm12
  c4417a5bd4 vcvttps2dq xmm10, xmm12
  66450fe6d4 cvttpd2dq xmm10, xmm12
  c44179e6d4 vcvttpd2dq xmm10, xmm12
  450f5ad4 cvtps2pd xmm10, xmm12
  c441785ad4 vcvtps2pd xmm10, xmm12
  66450f5ad4 cvtpd2ps xmm10, xmm12
  c441795ad4 vcvtpd2ps xmm10, xmm12
  62517f087ad4 vcvtudq2ps xmm10, xmm12
  62517e087ad4 vcvtudq2pd xmm10, xmm12
  62517c0878d4 vcvttps2udq xmm10, xmm12
  6251fc0878d4 vcvttpd2udq xmm10, xmm12
  """
