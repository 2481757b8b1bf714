// CORES small processors in a ring: an accumulator machine with a program memory, a data memory, a multiplier that takes 16 cycles
// and a serial output. Each reads what its neighbour last wrote. About 500 cells of an iCE40 each.
`ifndef CORES
`define CORES 1
`endif

module top(input clk, input rst, input rx, output tx, output [7:0] led);
  localparam N = `CORES;
  wire [15:0] link [0:N-1];
  wire [N-1:0] serial;
  genvar i;
  generate
    for (i = 0; i < N; i = i + 1) begin : ring
      core #(.SEED(16'h1D0F + 257 * i)) core(
        .clk(clk), .rst(rst), .rx(i == 0 ? rx : serial[(i + N - 1) % N]), .tx(serial[i]),
        .from(link[(i + N - 1) % N]), .to(link[i]));
    end
  endgenerate
  assign tx = ^serial;
  assign led = link[0][15:8] ^ link[N - 1][7:0];
endmodule

module core #(parameter SEED = 0) (
  input clk, input rst, input rx, output tx, input [15:0] from, output reg [15:0] to);
  reg [7:0] pc;
  reg [15:0] acc, x;
  reg zero, carry, ready;
  wire [15:0] op, loaded, product;
  wire busy;
  wire [3:0] code = op[15:12];
  wire step = ready & ~busy;
  rom #(.SEED(SEED)) rom(.clk(clk), .address(pc), .data(op));
  memory memory(.clk(clk), .write(step & code == 7), .address(op[7:0]), .in(acc), .out(loaded));
  multiplier multiplier(.clk(clk), .start(step & code == 9), .a(x), .b(acc), .product(product), .busy(busy));
  transmitter transmitter(.clk(clk), .rst(rst), .start(step & code == 10), .data(acc[7:0]), .tx(tx));
  always @(posedge clk)
    if (rst) begin
      {pc, acc, x, zero, carry, ready, to} <= 0;
    end else if (!busy) begin
      // A cycle to fetch, one to execute.
      ready <= ~ready;
      if (ready) begin
        pc <= pc + 1;
        case (code)
          0: {carry, acc} <= acc + loaded;
          1: {carry, acc} <= acc - loaded;
          2: acc <= acc & loaded;
          3: acc <= acc ^ loaded;
          4: acc <= {acc[14:0], rx};
          5: acc <= acc >> op[3:0];
          6: acc <= {acc[7:0], acc[15:8]};
          8: begin x <= acc; acc <= x; end
          9: acc <= product;
          11: if (zero) pc <= op[7:0];
          12: if (carry) pc <= op[7:0];
          13: acc <= op[11:0];
          14: acc <= from;
          15: to <= acc;
        endcase
        zero <= acc == 0;
      end
    end
endmodule

module rom #(parameter SEED = 0) (input clk, input [7:0] address, output reg [15:0] data);
  reg [15:0] words [0:255];
  integer i;
  initial
    for (i = 0; i < 256; i = i + 1) words[i] = (i * 40503) ^ (i << 7) ^ SEED;
  always @(posedge clk) data <= words[address];
endmodule

module memory(input clk, input write, input [7:0] address, input [15:0] in, output reg [15:0] out);
  reg [15:0] words [0:255];
  always @(posedge clk) begin
    if (write) words[address] <= in;
    out <= words[address];
  end
endmodule

module multiplier(input clk, input start, input [15:0] a, input [15:0] b, output reg [15:0] product, output busy);
  reg [4:0] left = 0;
  reg [15:0] u, v;
  assign busy = left != 0;
  always @(posedge clk)
    if (start & !busy) begin
      left <= 16; u <= a; v <= b; product <= 0;
    end else if (busy) begin
      left <= left - 1;
      if (v[0]) product <= product + u;
      u <= u << 1;
      v <= v >> 1;
    end
endmodule

module transmitter(input clk, input rst, input start, input [7:0] data, output tx);
  reg [9:0] shift = 10'h3FF;
  reg [3:0] left = 0;
  reg [7:0] divider = 0;
  assign tx = shift[0];
  always @(posedge clk)
    if (rst) begin
      left <= 0;
      shift <= 10'h3FF;
    end else if (start && left == 0) begin
      shift <= {1'b1, data, 1'b0};
      left <= 10;
      divider <= 0;
    end else if (left != 0) begin
      divider <= divider == 103 ? 0 : divider + 1;
      if (divider == 103) begin
        shift <= {1'b1, shift[9:1]};
        left <= left - 1;
      end
    end
endmodule
