-- Moves tasks whose time has come from scheduled to their lanes. One that cannot be moved waits once more, so that it is
-- not in the way of the others; so does one whose idempotency key is held, as long again as it has been, 1 s at least: it
-- would be claimed only to be put back.
-- Needs now_ms, error_of, lane_to_push, is_dead, holder_of
-- KEYS  1 scheduled, 2 normal lane, 3 high lane, 4 low lane, 5 workers, 6 silence,
--       then one idempotency key a task that has one
-- ARGV  1 how long waits what cannot be moved (ms), 2 the lease (ms), 3 how long a lock lives at most (ms), 4 how long to wait
--       for one at most (ms), then three per task: its bytes, its lane (1 normal, 2 high, 3 low), whether it has an
--       idempotency key (1 or 0)
-- returns how many were moved (another worker may have been faster with some), and the error of one that could not be
local call, pcall = redis.call, redis.pcall
local scheduled, normal, workers, silence = KEYS[1], KEYS[2], KEYS[5], KEYS[6]
local postponement, lease, lock_ttl, longest_wait = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local moved, trouble = 0, ''

-- For how long to wait for a key, by key: many tasks may wait for one.
local waits = {}
local function wait_for(lock)
  local wait = waits[lock]
  if not wait then
    wait = 0
    local value = pcall('GET', lock)
    local holder = type(value) == 'string' and holder_of(value)
    if holder and pcall('ZSCORE', workers, holder) and not is_dead(workers, silence, holder, lease) then
      wait = math.max(1000, math.min(lock_ttl - pcall('PTTL', lock), longest_wait))
    end
    waits[lock] = wait
  end
  return wait
end

local function move(raw, number)
  if call('ZREM', scheduled, raw) == 0 then
    return
  end
  local lane = lane_to_push(KEYS[1 + number], normal)
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

local key = 7
for arg = 5, #ARGV, 3 do
  local wait = 0
  if ARGV[arg + 2] == '1' then
    wait = wait_for(KEYS[key])
    key = key + 1
  end
  if wait > 0 then
    pcall('ZADD', scheduled, 'XX', string.format('%d', now_ms() + wait), ARGV[arg])
  else
    move(ARGV[arg], ARGV[arg + 1])
  end
end
return { moved, trouble }
