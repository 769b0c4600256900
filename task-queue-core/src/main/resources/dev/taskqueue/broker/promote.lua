-- Moves tasks whose time has come from scheduled to their lanes. One that cannot be moved waits once more, so that it is
-- not in the way of the others.
-- KEYS  1 scheduled, 2 normal lane, 3 high lane, 4 low lane
-- ARGV  1 how long waits what cannot be moved (ms), then per task: its bytes, its lane (1 normal, 2 high, 3 low)
-- returns how many were moved (another worker may have been faster with some), and the error of one that could not be
local moved, trouble = 0, ''
for i = 2, #ARGV, 2 do
  if redis.call('ZREM', KEYS[1], ARGV[i]) == 1 then
    local lane = KEYS[1 + ARGV[i + 1]]
    -- Idle workers block on the normal lane alone.
    if redis.call('EXISTS', KEYS[2]) == 0 then
      lane = KEYS[2]
    end
    local pushed = redis.pcall('LPUSH', lane, ARGV[i])
    if type(pushed) == 'table' and lane ~= KEYS[2] then
      trouble = pushed.err
      pushed = redis.pcall('LPUSH', KEYS[2], ARGV[i])
    end
    if type(pushed) == 'table' then
      trouble = pushed.err
      local time = redis.call('TIME')
      local again = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[1]
      redis.call('ZADD', KEYS[1], string.format('%d', again), ARGV[i])
    else
      moved = moved + 1
    end
  end
end
return { moved, trouble }
