-- Moves tasks whose time has come from scheduled to their lanes. One that cannot be moved waits once more, so that it is
-- not in the way of the others.
-- Needs now_ms, error_of, lane_to_push
-- KEYS  1 scheduled, 2 normal lane, 3 high lane, 4 low lane
-- ARGV  1 how long waits what cannot be moved (ms), then two per task: its bytes, its lane (1 normal, 2 high, 3 low)
-- returns how many were moved (another worker may have been faster with some), and the error of one that could not be
local call, pcall = redis.call, redis.pcall
local scheduled, normal, postponement = KEYS[1], KEYS[2], ARGV[1]
local moved, trouble = 0, ''
for arg = 2, #ARGV, 2 do
  local raw = ARGV[arg]
  if call('ZREM', scheduled, raw) == 1 then
    local lane = lane_to_push(KEYS[1 + ARGV[arg + 1]], normal)
    local refusal = error_of(pcall('LPUSH', lane, raw))
    if refusal and lane ~= normal then
      trouble = refusal
      refusal = error_of(pcall('LPUSH', normal, raw))
    end
    if refusal then
      trouble = refusal
      call('ZADD', scheduled, string.format('%d', now_ms() + postponement), raw)
    else
      moved = moved + 1
    end
  end
end
return { moved, trouble }
