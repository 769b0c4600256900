-- Says that a task must neither start nor go on: leaves its tombstone, which whoever has it or claims it comes upon.
-- Needs now_ms
-- KEYS  1 its status, 2 cancelled
-- ARGV  1 its status as it was read (empty for none), 2 its id, 3 the reason
-- returns 1; 0 where the status is another by now; or the error for which the tombstone cannot be written
local status, cancelled = KEYS[1], KEYS[2]
local known, id, reason = ARGV[1], ARGV[2], ARGV[3]
local current = redis.pcall('GET', status)
if (type(current) == 'string' and current or '') ~= known then
  return 0
end
local written = redis.pcall('HSET', cancelled, id, string.format('%d ', now_ms()) .. reason)
return type(written) == 'number' and 1 or written.err
