-- Tells that a worker lives, and keeps the idempotency locks of what it runs.
-- KEYS  1 workers, then one idempotency key a lock
-- ARGV  1 the worker, 2 how long a lock lives without a heartbeat (ms), then one token a lock
-- returns the time (ms)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
for i = 2, #KEYS do
  local token = ARGV[i + 1]
  -- NX: a lock that was evicted or ran out while the worker was paused is taken again, unless another has it now.
  if not redis.call('SET', KEYS[i], token, 'NX', 'PX', ARGV[2]) and redis.call('GET', KEYS[i]) == token then
    redis.call('PEXPIRE', KEYS[i], ARGV[2])
  end
end
return now
