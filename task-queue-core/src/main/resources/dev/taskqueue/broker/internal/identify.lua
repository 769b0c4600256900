-- Gives claimed tasks that came without an id their new text, in place, so that it stays the same through a crash.
-- KEYS  1 the worker's processing list
-- ARGV  two per task: its bytes, its new bytes
-- returns per task 1, or 0 where the list no longer holds it
local processing = KEYS[1]
local found = {}
for arg = 1, #ARGV, 2 do
  local position = redis.call('LPOS', processing, ARGV[arg])
  if position then
    redis.call('LSET', processing, position, ARGV[arg + 1])
  end
  found[#found + 1] = position and 1 or 0
end
return found
