-- Takes tasks for one worker: high before normal before low, oldest first, into its processing list.
-- KEYS  1 paused marker, 2 high lane, 3 normal lane, 4 low lane, 5 the worker's processing list
-- ARGV  1 how many tasks at most, 2 after how many bytes to stop
-- returns the tasks' bytes in the order in which to run them, or false while the queue is paused
if redis.call('EXISTS', KEYS[1]) == 1 then
  return false
end
local max, room = tonumber(ARGV[1]), tonumber(ARGV[2])
local claimed = {}
for lane = 2, 4 do
  while #claimed < max and room > 0 do
    local raw = redis.call('LMOVE', KEYS[lane], KEYS[5], 'RIGHT', 'LEFT')
    if not raw then
      break
    end
    claimed[#claimed + 1] = raw
    room = room - #raw
  end
end
return claimed
