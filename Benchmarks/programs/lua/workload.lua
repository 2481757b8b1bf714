-- workload.lua SCALE PART...: prints a checksum for each part. The parts use different corners of the interpreter.
local parts = {}

-- Objects with metatables, method calls through __index.
function parts.objects(scale)
  local Shape, Square, Circle = {}, {}, {}
  Shape.__index, Square.__index, Circle.__index = Shape, Square, Circle
  setmetatable(Square, Shape)
  setmetatable(Circle, Shape)
  function Shape:scaled(factor) return self:area() * factor end
  function Square:area() return self.side * self.side end
  function Circle:area() return 3 * self.radius * self.radius end
  local shapes = {}
  for i = 1, 1000 do
    shapes[i] = i % 3 == 0 and setmetatable({ radius = i }, Circle) or setmetatable({ side = i }, Square)
  end
  local sum = 0
  for round = 1, 60 * scale do
    for _, shape in ipairs(shapes) do sum = (sum + shape:scaled(round)) % 1000003 end
  end
  return sum
end

-- Allocation and garbage: binary trees.
function parts.trees(scale)
  local function make(depth)
    if depth == 0 then return {} end
    return { make(depth - 1), make(depth - 1) }
  end
  local function count(tree) return tree[1] and 1 + count(tree[1]) + count(tree[2]) or 1 end
  local sum = 0
  for _ = 1, 3 * scale do sum = sum + count(make(11)) end
  return sum
end

-- Strings: building, patterns, a histogram of words.
function parts.strings(scale)
  local words, seed = {}, 42
  for i = 1, 2000 do
    seed = (seed * 1103515245 + 12345) % 2147483648
    words[i] = string.format("%s%d", string.char(97 + seed % 26, 97 + seed // 26 % 26), seed % 97)
  end
  local text, total = table.concat(words, " "), 0
  for _ = 1, 4 * scale do
    local histogram = {}
    for word in text:gmatch("%a+%d") do histogram[word] = (histogram[word] or 0) + 1 end
    local keys = {}
    for key in pairs(histogram) do keys[#keys + 1] = key end
    table.sort(keys)
    for i, key in ipairs(keys) do total = (total * 31 + i * histogram[key] + key:byte(1)) % 1000003 end
    total = total + #text:gsub("%d+", function(number) return "<" .. number .. ">" end)
  end
  return total
end

-- Sorting with a comparator: C calls back into Lua.
function parts.sort(scale)
  local sum = 0
  for round = 1, 2 * scale do
    local numbers, seed = {}, round
    for i = 1, 5000 do
      seed = (seed * 16807) % 2147483647
      numbers[i] = seed
    end
    table.sort(numbers, function(a, b) return a > b end)
    sum = (sum + numbers[1] + numbers[2500]) % 1000003
  end
  return sum
end

-- Floating point and integers: Mandelbrot's set, a sieve.
function parts.numbers(scale)
  local inside = 0
  for y = -30, 30 do
    for x = -60, 30 do
      local cr, ci, zr, zi, n = x / 30, y / 30, 0.0, 0.0, 0
      while n < 20 * scale and zr * zr + zi * zi < 4 do
        zr, zi, n = zr * zr - zi * zi + cr, 2 * zr * zi + ci, n + 1
      end
      if n == 20 * scale then inside = inside + 1 end
    end
  end
  local composite, primes = {}, 0
  for i = 2, 8000 * scale do
    if not composite[i] then
      primes = primes + 1
      for j = i * i, 8000 * scale, i do composite[j] = true end
    end
  end
  return string.format("%d %d %.6f", inside, primes, math.sin(inside) * primes)
end

-- Closures: a pipeline of iterators. (Coroutines are left out: to yield is to throw, which aborts here.)
function parts.closures(scale)
  local function numbers(limit)
    local i = 0
    return function()
      i = i + 1
      return i <= limit and i or nil
    end
  end
  local function filter(source, keep)
    return function()
      for i in source do if keep(i) then return i end end
    end
  end
  local function map(source, change)
    return function()
      local i = source()
      return i and change(i)
    end
  end
  local sum = 0
  for divisor = 2, 4 do
    local some = filter(numbers(8000 * scale), function(n) return n % divisor == 0 end)
    for i in map(some, function(n) return n // divisor end) do sum = sum + i end
  end
  return sum
end

local scale = tonumber(arg[1])
for i = 2, #arg do print(arg[i], parts[arg[i]](scale)) end
