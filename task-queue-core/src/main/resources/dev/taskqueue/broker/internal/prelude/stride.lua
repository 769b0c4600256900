-- How many entries to take at a time, after some that took so many bytes: 1 MiB of them.
local function stride(entries, bytes, most)
  return math.max(1, math.min(most, math.floor(1048576 * entries / math.max(bytes, 1))))
end

