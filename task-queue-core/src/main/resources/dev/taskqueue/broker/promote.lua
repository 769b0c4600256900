-- Moves tasks whose time has come from scheduled to their lanes.
-- KEYS  1 scheduled, 2 normal lane, 3 high lane, 4 low lane
-- ARGV  per task: its bytes, its lane (1 normal, 2 high, 3 low)
-- returns how many were moved; another worker may have been faster with some
local moved = 0
for i = 1, #ARGV, 2 do
  if redis.call('ZREM', KEYS[1], ARGV[i]) == 1 then
    local lane = KEYS[1 + ARGV[i + 1]]
    -- Idle workers block on the normal lane alone.
    if redis.call('EXISTS', KEYS[2]) == 0 then
      lane = KEYS[2]
    end
    local pushed = redis.pcall('LPUSH', lane, ARGV[i])
    if type(pushed) == 'table' and pushed.err then
      redis.call('ZADD', KEYS[1], 0, ARGV[i])
      return redis.error_reply(pushed.err)
    end
    moved = moved + 1
  end
end
return moved
